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

/** The last life of a VM that was taken over. Its incarnation went with its former owner; the record stands for it. */
final class RetainedIncarnation {
    private final VmFacts facts;
    private final RetainedVMRecord record;

    private RetainedIncarnation(VmFacts facts, RetainedVMRecord record) {
        this.facts = facts;
        this.record = record;
    }

    private static Optional<RetainedIncarnation> find(VmFacts facts) {
        return facts.keeping().heldBy(facts.ownerUid()).map(kept -> new RetainedIncarnation(facts, kept.record()));
    }

    /** Empty where an incarnation says more than the record, or where there may be a guest that has not ended. */
    static Optional<Incarnation> of(VmFacts facts, String namespace) {
        return find(facts)
                .filter(kept -> facts.current().isEmpty() && kept.record.epoch() == facts.epoch())
                .filter(kept -> kept.record.complete() || !kept.isSeen())
                .map(kept -> kept.incarnation(namespace));
    }

    /** Nodes remember what ended, too: only of a life that ended well the record tells that it has. */
    private boolean isSeen() {
        return facts.inventory()
                .latest()
                .filter(sighting -> sighting.epoch() >= facts.epoch())
                .isPresent();
    }

    /** What the VM's OS disk was made from, should its GuestImage be gone. No disk is made of it any more. */
    static Optional<ImageOfVm> image(VmFacts facts) {
        return find(facts)
                .filter(kept -> kept.record.image() != null && kept.record.osType() != null)
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
