package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.NODE;

import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.incarnation.report.StatusWriter;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Departure;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The operator's part, as a test plays it for the VM in {@link Vms}; also the agents' connection to the API server. */
public final class PlayedOperator implements StatusWriter, Ownership.Reader, IncarnationLookup {
    private final FakeApiServer server = new FakeApiServer();
    private final AgentApi agents = new AgentApi(server);
    private final List<VMIncarnationStatus> written = new ArrayList<>();

    /** Whether keys that were reported are on record. */
    boolean recordsKeys = true;

    public PlayedOperator() {
        own(1, NODE);
    }

    /** Also as after a restore from a backup that was made before any status. */
    public VMIncarnation create(VMIncarnation incarnation) {
        VMIncarnation made = Incarnations.incarnation(incarnation.getSpec(), null);
        made.setMetadata(incarnation.getMetadata());
        return server.put(made);
    }

    public VMIncarnation read(VMIncarnation incarnation) {
        return server.find(VMIncarnation.class, incarnation.getMetadata().getName())
                .orElseThrow();
    }

    public VMIncarnation edit(VMIncarnation incarnation, UnaryOperator<VMIncarnationSpecBuilder> change) {
        return server.edit(
                VMIncarnation.class, incarnation.getMetadata().getName(), now -> Incarnations.change(now, change));
    }

    public VMIncarnation desire(VMIncarnation incarnation, DesiredState desired) {
        if (desired == DesiredState.Erased) {
            editVms(PlayedOperator::deletedIfItHasATpm);
        }
        return edit(
                incarnation,
                spec -> spec.desiredState(desired).envelope(desired == DesiredState.Erased ? null : spec.envelope()));
    }

    @Override
    public VMIncarnation write(VMIncarnation incarnation, VMIncarnationStatus status) {
        VMIncarnation now = agents.write(incarnation, status);
        written.add(status);
        Optional.ofNullable(status.departure())
                .filter(departure -> departure.course() == Course.Left)
                .ifPresent(left -> editVms(vm -> followed(vm, left)));
        return now;
    }

    /** An incarnation whose VM may have run is erased only when that is deleted. */
    private static void deletedIfItHasATpm(TrustedLaunchVM vm) {
        if (vm.getStatus().vTPM() != null) {
            vm.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
        }
    }

    /** The epoch on record follows the guest. */
    private static void followed(TrustedLaunchVM vm, Departure left) {
        if (vm.getStatus().epoch() < left.epoch()) {
            vm.setStatus(TrustedLaunchVMStatusBuilder.builder(vm.getStatus())
                    .epoch(left.epoch())
                    .nodeName(left.nodeName())
                    .build());
        }
    }

    private void editVms(Consumer<TrustedLaunchVM> change) {
        server.seen(TrustedLaunchVM.class)
                .toList()
                .forEach(vm ->
                        server.edit(TrustedLaunchVM.class, vm.getMetadata().getName(), now -> {
                            change.accept(now);
                            return now;
                        }));
    }

    /** The operator puts a key that was reported into the VM's status at once, unless a test says otherwise. */
    @Override
    public Ownership read(VMIncarnationSpec.VmRef vm) {
        if (recordsKeys
                && agents.read(vm) instanceof Ownership.Found found
                && found.ekDigest().isEmpty()) {
            reportedEks().stream().findFirst().ifPresent(this::recordKey);
        }
        return agents.read(vm);
    }

    @Override
    public boolean isGone(String name) {
        return agents.isGone(name);
    }

    void disown() {
        server.seen(TrustedLaunchVM.class).forEach(server::remove);
    }

    void own(String uid, long epoch, String node, boolean deleting) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.getMetadata().setUid(uid);
        vm.getMetadata().setDeletionTimestamp(deleting ? "2026-01-01T00:00:00Z" : null);
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .epoch(epoch)
                .nodeName(node)
                .build());
        server.put(vm);
    }

    void own(long epoch, String node) {
        own(Vms.UID, epoch, node, false);
    }

    /** Another than the one that was reported. */
    void recordKey(String ekDigest) {
        editVms(vm -> vm.setStatus(TrustedLaunchVMStatusBuilder.builder(vm.getStatus())
                .vTPM(new TrustedLaunchVMStatus.VTpm(ekDigest, null))
                .build()));
    }

    void accept(String fence) {
        server.seen(TrustedLaunchVM.class)
                .toList()
                .forEach(vm -> server.setAnnotations(vm, Map.of(Api.ACCEPTED_FENCE, fence)));
    }

    void setDown(boolean now) {
        agents.setDown(now);
    }

    public List<VMIncarnationStatus> written() {
        return List.copyOf(written);
    }

    List<String> reportedEks() {
        return written.stream()
                .map(VMIncarnationStatus::ekDigest)
                .filter(Objects::nonNull)
                .toList();
    }
}
