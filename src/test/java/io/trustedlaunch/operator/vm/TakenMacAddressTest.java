package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Networks;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.SealingNodes;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two VMs name one MAC address in a network, and their specs change. */
class TakenMacAddressTest {
    private static final NetworkInterface CARD = new NetworkInterface("nic0", "default", "52:54:00:AB:CD:EF");

    private final FakeApiServer server = new FakeApiServer();

    @BeforeEach
    void prepare() {
        StorageLocation location = Nodes.storageLocation();
        location.setStatus(Nodes.sharedBy(List.of("host-a")));
        server.put(location);
        server.put(Networks.network("default"));
        server.put(GuestImages.image());
        server.put(GuestImages.policy());
        server.put(SealingNodes.node("host-a"));
    }

    @Test
    void aGuestHasItsAddressUntilItIsOverWhateverItsSpecSaysByThen() {
        create("first", List.of(CARD));
        started();
        edit("first", spec -> spec.networkInterfaces(List.of()));

        create("second", List.of(CARD));
        passes();
        assertThat(ready("second")).isEqualTo(Reason.MacAddressInUse.name());

        edit("first", spec -> spec.runStrategy(RunStrategy.Halted));
        passes();
        report(incarnation -> true, Incarnations.ended(Exit.Shutdown));
        started();
        assertThat(ready("second")).isEqualTo(Reason.Running.name());
    }

    /** It is off, and comes back to an address that another guest has by now. */
    @Test
    void aVmThatGaveItsAddressAwayDoesNotTakeItBack() {
        create("first", List.of(CARD));
        started();
        edit("first", spec -> spec.networkInterfaces(List.of()).runStrategy(RunStrategy.Halted));
        passes();
        report(incarnation -> true, Incarnations.ended(Exit.Shutdown));
        create("second", List.of(CARD));
        started();
        assertThat(ready("second")).isEqualTo(Reason.Running.name());

        edit("first", spec -> spec.networkInterfaces(List.of(CARD)).runStrategy(RunStrategy.Always));
        passes();
        assertThat(ready("first")).isEqualTo(Reason.MacAddressInUse.name());
        edit("first", spec -> spec.networkInterfaces(List.of()));
        started();
        assertThat(ready("first")).isEqualTo(Reason.Running.name());
    }

    /** The older one has its TPM, and names the address by an edit. */
    @Test
    void aVmThatIsOffKeepsItsAddress() {
        create("first", List.of());
        create("second", List.of(CARD));
        started();
        edit("second", spec -> spec.runStrategy(RunStrategy.Halted));
        passes();
        report(of("second"), Incarnations.ended(Exit.Shutdown));
        edit("first", spec -> spec.networkInterfaces(List.of(CARD)).runStrategy(RunStrategy.Halted));
        passes();
        report(of("first"), Incarnations.ended(Exit.Shutdown));

        edit("first", spec -> spec.runStrategy(RunStrategy.Always));
        passes();
        assertThat(ready("first")).isEqualTo(Reason.MacAddressInUse.name());
        edit("second", spec -> spec.runStrategy(RunStrategy.Always));
        started();
        assertThat(ready("second")).isEqualTo(Reason.Running.name());
    }

    private void create(String name, List<NetworkInterface> cards) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().networkInterfaces(cards).build());
        vm.getMetadata().setName(name);
        vm.getMetadata().setUid("uid-of-" + name);
        vm.getMetadata().setCreationTimestamp("2026-01-0" + name.length() + "T00:00:00Z");
        server.createIfAbsent(vm);
    }

    private void edit(String name, UnaryOperator<TrustedLaunchVMSpecBuilder> change) {
        server.edit(TrustedLaunchVM.class, name, vm -> {
            vm.setSpec(change.apply(TrustedLaunchVMSpecBuilder.builder(vm.getSpec()))
                    .build());
            return vm;
        });
    }

    private void started() {
        passes();
        report(incarnation -> incarnation.getStatus() == null, Incarnations.reported(Phase.Running));
        passes();
    }

    /** As many as the steps of a start. */
    private void passes() {
        FakeOperator operator = LeadingOperator.of(server, "first", () -> SealingNodes.NOW, List.of("host-a"));
        IntStream.range(0, 5).forEach(step -> {
            operator.look();
            operator.pass();
        });
    }

    private void report(Predicate<VMIncarnation> which, VMIncarnationStatusBuilder status) {
        server.seen(VMIncarnation.class).filter(which).toList().forEach(incarnation -> {
            incarnation.setStatus(
                    status.guestState(Incarnations.sealed(incarnation.getSpec().epoch(), 2, true))
                            .build());
            server.put(incarnation);
        });
    }

    private static Predicate<VMIncarnation> of(String name) {
        return incarnation -> incarnation.getSpec().vmRef().name().equals(name);
    }

    private String ready(String name) {
        return Conditions.find(
                        server.find(TrustedLaunchVM.class, name)
                                .orElseThrow()
                                .getStatus()
                                .conditions(),
                        ConditionType.Ready)
                .orElseThrow()
                .getReason();
    }
}
