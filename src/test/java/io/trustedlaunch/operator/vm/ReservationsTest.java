package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.GuestConfig;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Networks;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.SealingNodes;
import io.trustedlaunch.testkit.Vms;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** host-a and host-b have 8Gi for VMs each; each VM wants 6Gi of them. */
class ReservationsTest {
    private static final InstantSource CLOCK = InstantSource.fixed(SealingNodes.NOW);

    private final FakeApiServer server = new FakeApiServer();

    @BeforeEach
    void prepare() {
        server.put(Nodes.storageLocation());
        server.put(Networks.network("default"));
        server.put(GuestImages.image());
        server.put(GuestImages.policy());
        server.put(new SecretBuilder()
                .withNewMetadata()
                .withNamespace(Vms.NAMESPACE)
                .withName("init")
                .endMetadata()
                .withData(Map.of("user-data", "I2Nsb3VkLWNvbmZpZwo="))
                .build());
        List.of("host-a", "host-b").forEach(node -> server.put(SealingNodes.node(node)));
    }

    @Test
    void aVmThatIsPlacedWhileAnotherOneIsReadForMakesItNeitherWaitNorShareItsNode() {
        TrustedLaunchVM one = aboutToBePlaced("one");
        TrustedLaunchVM other = vm("other");
        FakeOperator operator = leading("leader");
        operator.meanwhile(() -> operator.pass(other));
        operator.pass(one);

        assertThat(incarnations()).isEqualTo(Map.of("one", "host-b", "other", "host-a"));
    }

    @Test
    void whatTheLastNodeHadLeftIsPromisedOnce() {
        server.delete(server.find(ClusterNode.class, "host-b").orElseThrow());
        TrustedLaunchVM one = aboutToBePlaced("one");
        TrustedLaunchVM other = vm("other");
        FakeOperator operator = leading("leader");
        operator.meanwhile(() -> operator.pass(other));
        operator.pass(one);

        assertThat(incarnations()).isEqualTo(Map.of("other", "host-a"));
        assertThat(status("one").conditions().toString())
                .contains("NoNodeFits", "host-a: 2048Mi of its 8192Mi of memory for VMs are free");
    }

    @Test
    void aStartReadsItsNamespaceAndItsUserDataOnceAndNothingElse() {
        vm("one");
        FakeOperator operator = leading("leader");
        operator.pass();

        assertThat(incarnations()).isEqualTo(Map.of("one", "host-a"));
        assertThat(operator.reads()).containsExactlyInAnyOrder("namespace", "secret");
    }

    @Test
    void aKeyThatIsReleasedIsOnRecordOnceWhoeverPassesAgainAndWhateverItsCacheHas() {
        TrustedLaunchVM one = vm("one");
        FakeApiServer before = server.snapshot();
        FakeOperator operator = leading("leader");
        operator.pass(one);
        operator.look();
        operator.pass(one);
        FakeOperator next = leading("next");
        next.lookAt(before);
        next.look(kind -> !kind.equals(VMIncarnation.class));
        next.pass(one);
        next.look();
        next.pass(one);

        assertThat(operator.audited())
                .singleElement()
                .asString()
                .contains("\"act\":\"KeyReleased\"", "\"name\":\"one\"", "\"node\":\"host-a\"", "\"publicKey\":");
        assertThat(next.audited()).isEmpty();
    }

    @Test
    void aPassThatDoesNotPlaceReadsNothingButItsOwnVm() {
        TrustedLaunchVM one = vm("one");
        vm("other");
        FakeOperator operator = leading("leader");
        operator.pass();
        run();
        operator.look();
        operator.pass();
        FakeOperator next = leading("next");
        next.pass(one);

        assertThat(next.reads()).isEmpty();
        assertThat(next.lookedAt()).containsExactly(one.identity());
    }

    /** Events that are late bring earlier versions, one by one. */
    @Test
    void aPassKnowsWhatTheLastOneWroteWhateverTheWatchHas() {
        TrustedLaunchVM one = vm("one");
        FakeApiServer before = server.snapshot();
        FakeOperator operator = leading("leader");
        operator.pass(one);
        run();
        operator.look();
        operator.lookAtVms(before);
        operator.pass(one);
        assertThat(status("one").phase()).isEqualTo(TrustedLaunchVMStatus.Phase.Running);
        operator.look();
        operator.lookAtVms(before);
        String version = server.state();
        operator.pass(one);
        assertThat(server.state()).isEqualTo(version);
    }

    @Test
    void aNewLeaderCountsWhatTheLastOneReserved() {
        vm("one");
        FakeOperator first = leading("first");
        diesOnceTheEpochIsOnRecord(first);
        TrustedLaunchVM other = vm("other");
        FakeOperator second = leading("second");
        second.pass(other);

        assertThat(status("one").nodeName()).isEqualTo("host-a");
        assertThat(incarnations()).isEqualTo(Map.of("other", "host-b"));
    }

    @Test
    void anOperatorThatIsSucceededReservesNothing() {
        TrustedLaunchVM one = vm("one");
        FakeOperator first = leading("first");
        leading("second");

        assertThatThrownBy(() -> first.pass(one)).isInstanceOf(FakeOperator.Crash.class);
        assertThat(Optional.ofNullable(status("one")).map(TrustedLaunchVMStatus::nodeName))
                .isEmpty();
    }

    /** It read the Lease before it was paused, and wrote the VM's status afterwards. */
    @Test
    void whatAPausedLeaderReservedTooLateIsGivenUpIfItsNodeIsFull() {
        TrustedLaunchVM one = vm("one");
        FakeOperator first = leading("first");
        diesOnceTheEpochIsOnRecord(first);
        TrustedLaunchVM late = server.find(TrustedLaunchVM.class, "one").orElseThrow();
        server.edit(TrustedLaunchVM.class, "one", vm -> {
            vm.setStatus(null);
            return vm;
        });
        TrustedLaunchVM other = vm("other");
        FakeOperator second = leading("second");
        second.pass(other);
        assertThat(incarnations()).isEqualTo(Map.of("other", "host-a"));

        server.edit(TrustedLaunchVM.class, "one", vm -> {
            vm.setStatus(late.getStatus());
            return vm;
        });
        second.look();
        second.pass(one);
        assertThat(server.seen(VMIncarnation.class)
                        .filter(incarnation -> incarnation.getSpec().desiredState() == DesiredState.Running))
                .extracting(incarnation -> incarnation.getSpec().vmRef().name())
                .containsExactly("other");
    }

    /** It has its finalizer and its key. */
    private TrustedLaunchVM aboutToBePlaced(String name) {
        TrustedLaunchVM vm = vm(name);
        FakeOperator dying = leading("dying");
        dying.dieAround(2, false);
        assertThatThrownBy(() -> dying.pass(vm)).isInstanceOf(FakeOperator.Crash.class);
        return vm;
    }

    private void diesOnceTheEpochIsOnRecord(FakeOperator operator) {
        int write = 3;
        operator.dieAround(write, false);
        assertThatThrownBy(operator::pass).isInstanceOf(FakeOperator.Crash.class);
        assertThat(status("one").nodeName()).isEqualTo("host-a");
        assertThat(incarnations()).isEmpty();
    }

    private FakeOperator leading(String identity) {
        return LeadingOperator.of(server, identity, CLOCK);
    }

    private TrustedLaunchVM vm(String name) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec()
                .memory(new Quantity("6Gi"))
                .guestConfig(new GuestConfig(new GuestConfig.SecretSource(new ObjectRef("init")), null))
                .build());
        vm.getMetadata().setName(name);
        vm.getMetadata().setUid("uid-of-" + name);
        return server.createIfAbsent(vm);
    }

    private void run() {
        server.all(VMIncarnation.class).forEach(incarnation -> {
            incarnation.setStatus(Incarnations.reported(Phase.Running).build());
            server.put(incarnation);
        });
    }

    private TrustedLaunchVMStatus status(String vm) {
        return server.find(TrustedLaunchVM.class, vm).orElseThrow().getStatus();
    }

    /** The nodes of incarnations by their VM. */
    private Map<String, String> incarnations() {
        return server.seen(VMIncarnation.class)
                .map(VMIncarnation::getSpec)
                .collect(Collectors.toMap(spec -> spec.vmRef().name(), spec -> spec.nodeName()));
    }
}
