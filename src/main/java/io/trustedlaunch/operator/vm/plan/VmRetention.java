package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.DeletionPolicy;
import io.trustedlaunch.api.OsType;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.RetainedVMRecordBuilder;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMSpec;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.RetainedVm;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Deletes a VM and retains its state: stops the guest, writes the record on the key's Secret and releases the VM. */
public final class VmRetention {
    private final VmFacts facts;
    private final String namespace;

    /** @param namespace the operator's own */
    VmRetention(VmFacts facts, String namespace) {
        this.facts = facts;
        this.namespace = namespace;
    }

    /** Not once erasure was requested, and not if there is nothing to retain. */
    static boolean applies(VmFacts facts) {
        boolean erasing = facts.current()
                .filter(incarnation -> incarnation.desired() == DesiredState.Erased)
                .isPresent();
        boolean nothingToRetain = facts.isFirstStart()
                && facts.current()
                        .map(facts::isOver)
                        .orElseGet(
                                () -> facts.nodeName().filter(facts::isFenced).isPresent());
        return facts.spec().deletionPolicy() == DeletionPolicy.Retain
                && facts.epoch() > 0
                && !erasing
                && !nothingToRetain;
    }

    VmStep plan() {
        return missing()
                .or(this::requestStop)
                .or(this::withoutKey)
                .or(this::envelopeToEnd)
                .or(this::toldWhereTheGuestIs)
                .or(this::awaitEnd)
                .or(new StartChecks(facts)::inventoryForDeletion)
                .or(this::retain)
                .orElseGet(this::release);
    }

    private Optional<VmStep> missing() {
        boolean missing = facts.current().isEmpty()
                && !isRecorded()
                && facts.deletionAwaits(facts.nodeName().orElseThrow());
        return missing ? Optional.of(new VmRecreation(facts, namespace).toEnd(DesiredState.Stopped)) : Optional.empty();
    }

    /** The last incarnation was already retained, by this VM or by the VM that it took over. */
    private boolean isRecorded() {
        return facts.retained()
                .found()
                .filter(found -> found.record().epoch() == facts.epoch())
                .isPresent();
    }

    /** Also on a lost node, which may come back. */
    private Optional<VmStep> requestStop() {
        return notOver()
                .filter(incarnation -> incarnation.desired() == DesiredState.Running)
                .findFirst()
                .map(incarnation -> new VmStep.Retire(incarnation, Reason.Deleting));
    }

    private Optional<VmStep> withoutKey() {
        return StartChecks.key(facts).map(VmRetention::refuse);
    }

    private static VmStep refuse(Problem problem) {
        return new VmStep.Refuse(
                problem.reason(),
                problem.message()
                        + ". Without the key the VM cannot be retained; to delete it completely, set"
                        + " deletionPolicy to Delete");
    }

    private Optional<VmStep> envelopeToEnd() {
        StartChecks checks = new StartChecks(facts);
        return notOver()
                .flatMap(incarnation -> checks.missingEnvelope(incarnation).stream())
                .findFirst();
    }

    private Optional<VmStep> toldWhereTheGuestIs() {
        PreviousIncarnations previous = new PreviousIncarnations(facts);
        return facts.current()
                .flatMap(current -> notOver()
                        .filter(Incarnation::keepsWhatItLeft)
                        .flatMap(incarnation -> previous.whereTheGuestIs(incarnation, current).stream())
                        .findFirst());
    }

    private Optional<VmStep> awaitEnd() {
        return notOver()
                .filter(incarnation -> facts.deletionAwaits(incarnation.node()))
                .findFirst()
                .map(incarnation -> new VmStep.Wait(Reason.Deleting, ending(incarnation)));
    }

    private String ending(Incarnation incarnation) {
        if (!facts.isAgentAlive(incarnation.node())) {
            return "the agent on " + incarnation.node()
                    + ", which stops the guest and seals its last state, is not responding. If that host is gone for"
                    + " good, taint its Node with node.kubernetes.io/out-of-service";
        }
        return "the agent on " + incarnation.node() + " is stopping the guest and sealing its last state"
                + GuestShutdown.report(facts, incarnation);
    }

    private Stream<Incarnation> notOver() {
        return facts.incarnations().stream()
                .filter(incarnation -> !incarnation.isOver() || incarnation.keepsWhatItLeft());
    }

    private Optional<VmStep> retain() {
        boolean retained = facts.retained()
                .found()
                .filter(found -> found.record().epoch() == facts.epoch())
                .filter(found -> facts.ownerUid().equals(found.record().objectUID()))
                .filter(found -> found.holder().isEmpty())
                .isPresent();
        if (retained) {
            return Optional.empty();
        }
        boolean isHomeKnown = !facts.isFirstStart() && facts.home().known().isPresent();
        return Optional.of(isHomeKnown ? new RetentionStep.Retain(osType(), facts.namespaceUID()) : awaitHome());
    }

    /** Of a node whose end is not awaited: what it made may be all that the VM has, and the key is not destroyed. */
    private VmStep awaitHome() {
        String node = facts.nodeName().orElseThrow();
        return new VmStep.Wait(
                Reason.Deleting,
                "it is not known whether the VM has guest state to retain: none is on record, and the agent on " + node
                        + " has reported none. If that host is off, say so with kubectl tlvm fence " + node
                        + "; to delete the VM with nothing retained, set deletionPolicy to Delete");
    }

    private Optional<OsType> osType() {
        return facts.current()
                .map(incarnation -> incarnation.machine().osType())
                .or(() -> earlierRecord().map(RetainedVMRecord::osType))
                .or(() -> facts.image().spec().map(image -> image.osType()));
    }

    private Optional<RetainedVMRecord> earlierRecord() {
        return facts.retained().found().map(RetainedVm.Found::record);
    }

    /** The VMIncarnations on lost nodes stay until their guests have ended. */
    private VmStep release() {
        List<Incarnation> unfinished = notOver().toList();
        return new VmStep.Release(
                facts.incarnations().stream()
                        .filter(incarnation -> !unfinished.contains(incarnation))
                        .toList(),
                List.of());
    }

    /** @param vm with its last status */
    public static RetainedVMRecord recordOf(TrustedLaunchVM vm, RetentionStep.Retain step) {
        TrustedLaunchVMSpec spec = vm.getSpec();
        TrustedLaunchVMStatus status = vm.getStatus();
        return RetainedVMRecordBuilder.builder()
                .namespace(vm.getMetadata().getNamespace())
                .namespaceUID(step.namespaceUID().orElse(null))
                .name(vm.getMetadata().getName())
                .uid(vm.identity())
                .objectUID(vm.getMetadata().getUid())
                .epoch(status.epoch())
                .osType(step.osType().orElse(null))
                .image(status.image())
                .vTPM(status.vTPM())
                .guestState(status.guestState())
                .secureBoot(status.secureBoot())
                .osDisk(spec.osDisk())
                .dataDisks(spec.dataDisks())
                .migration(status.migration())
                .setAside(Optional.ofNullable(status.charged())
                        .map(charge -> charge.setAside())
                        .orElse(null))
                .build();
    }
}
