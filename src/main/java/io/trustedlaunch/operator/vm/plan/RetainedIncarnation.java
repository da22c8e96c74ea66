package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.OsType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpec.Image;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.plan.IncarnationBuilder.ImageOfVm;
import java.util.Optional;

/**
 * The last incarnation of a VM that was taken over. Its object was deleted with its former owner; the record replaces
 * it.
 */
final class RetainedIncarnation {
    private final VmFacts facts;
    private final RetainedVMRecord record;

    private RetainedIncarnation(VmFacts facts, RetainedVMRecord record) {
        this.facts = facts;
        this.record = record;
    }

    private static Optional<RetainedIncarnation> find(VmFacts facts) {
        return facts.retained()
                .heldBy(facts.ownerUid())
                .map(retained -> new RetainedIncarnation(facts, retained.record()));
    }

    /** Empty if a VMIncarnation exists, or if a guest may still run. */
    static Optional<Incarnation> of(VmFacts facts, String namespace) {
        return find(facts)
                .filter(retained -> facts.current().isEmpty() && retained.record.epoch() == facts.epoch())
                .filter(retained -> retained.record.complete() || !retained.isReported())
                .map(retained -> retained.incarnation(namespace));
    }

    /**
     * Nodes also report incarnations that have ended. Unless the record is complete, it does not show that this one
     * has.
     */
    private boolean isReported() {
        return facts.inventory()
                .latest()
                .filter(reported -> reported.epoch() >= facts.epoch())
                .isPresent();
    }

    /** The image of the VM's OS disk if its GuestImage is gone; no disk is created from it any more. */
    static Optional<ImageOfVm> image(VmFacts facts) {
        return find(facts)
                .filter(retained -> retained.record.image() != null && retained.record.osType() != null)
                .map(RetainedIncarnation::image);
    }

    private ImageOfVm image() {
        TrustedLaunchVMStatus.Image image = record.image();
        return new ImageOfVm(record.osType(), new Image(image.name(), null, image.sha256()));
    }

    private Incarnation incarnation(String namespace) {
        ImageOfVm image = image(facts)
                .orElseGet(() ->
                        new ImageOfVm(OsType.Linux, new Image(facts.image().name(), null, null)));
        VMIncarnation incarnation =
                new IncarnationBuilder(facts, namespace).incarnation(DesiredState.Stopped, false, image);
        incarnation.setStatus(VMIncarnationStatusBuilder.builder()
                .phase(Phase.Stopped)
                .reason(Reason.Stopped.name())
                .ekDigest(facts.recordedEk().orElse(null))
                .guestState(sealed().orElse(null))
                .exit(record.complete() ? Exit.Shutdown : Exit.Crashed)
                .build());
        return new Incarnation(incarnation);
    }

    private Optional<SealedState> sealed() {
        return Optional.ofNullable(record.guestState())
                .map(state -> new SealedState(
                        record.complete() && state.floor() != null ? state.floor() : state.newest(),
                        state.sealTime(),
                        state.lagMilliseconds(),
                        record.complete(),
                        state.lastWatched()));
    }
}
