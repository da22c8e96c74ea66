package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.RetainedVMRecordBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.operator.vm.facts.DataDisks;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.RetainedVm;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmIncarnations;
import io.trustedlaunch.operator.vm.facts.VmNodes;
import io.trustedlaunch.operator.vm.facts.VmObject;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Deletes a VM and retains its state: stops the guest, writes the record on the key's Secret and releases the VM. */
public final class VmRetention {
    private final VmFacts facts;
    private final VmObject vm;
    private final VmIncarnations incarnations;
    private final VmNodes nodes;
    private final String namespace;

    /** @param namespace the operator's own */
    VmRetention(VmFacts facts, String namespace) {
        this.facts = facts;
        this.vm = facts.vm();
        this.incarnations = facts.incarnations();
        this.nodes = facts.nodes();
        this.namespace = namespace;
    }

    /** Not once erasure was requested, and not if there is nothing to retain. */
    static boolean applies(VmFacts facts) {
        boolean erasing = facts.incarnations()
                .current()
                .filter(incarnation -> incarnation.desired() == DesiredState.Erased)
                .isPresent();
        boolean nothingToRetain = facts.incarnations().isFirstStart()
                && facts.incarnations()
                        .current()
                        .map(facts.nodes()::isOver)
                        .orElseGet(() -> facts.vm()
                                .nodeName()
                                .filter(facts.nodes()::isFenced)
                                .isPresent());
        return facts.vm().isToBeRetained() && facts.vm().epoch() > 0 && !erasing && !nothingToRetain;
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
        boolean missing = incarnations.current().isEmpty()
                && recorded().isEmpty()
                && nodes.deletionAwaits(vm.nodeName().orElseThrow());
        return missing ? Optional.of(new VmRecreation(facts, namespace).toEnd(DesiredState.Stopped)) : Optional.empty();
    }

    /** The last incarnation was already retained, by this VM or by the VM that it took over. */
    private Optional<RetainedVm.Found> recorded() {
        return facts.retained().found().filter(found -> found.record().epoch() == vm.epoch());
    }

    /** A lost node is asked, too: it may come back. */
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
        return incarnations
                .current()
                .flatMap(current -> notOver()
                        .filter(Incarnation::keepsWhatItLeft)
                        .flatMap(incarnation -> previous.whereTheGuestIs(incarnation, current).stream())
                        .findFirst());
    }

    private Optional<VmStep> awaitEnd() {
        return notOver()
                .filter(incarnation -> nodes.deletionAwaits(incarnation.node()))
                .findFirst()
                .map(incarnation -> new VmStep.Wait(Reason.Deleting, ending(incarnation)));
    }

    private String ending(Incarnation incarnation) {
        if (!nodes.isAgentAlive(incarnation.node())) {
            return "the agent on " + incarnation.node()
                    + ", which stops the guest and seals its last state, is not responding. If that host is gone for"
                    + " good, taint its Node with node.kubernetes.io/out-of-service";
        }
        return "the agent on " + incarnation.node() + " is stopping the guest and sealing its last state"
                + GuestShutdown.report(facts, incarnation);
    }

    private Stream<Incarnation> notOver() {
        return incarnations.all().stream()
                .filter(incarnation -> !incarnation.isOver() || incarnation.keepsWhatItLeft());
    }

    private Optional<VmStep> retain() {
        boolean retained = recorded()
                .filter(found -> vm.ownerUid().equals(found.record().objectUID()))
                .filter(found -> found.holder().isEmpty())
                .isPresent();
        if (retained) {
            return Optional.empty();
        }
        boolean isHomeKnown = !incarnations.isFirstStart()
                && facts.guestState().home().known().isPresent();
        return Optional.of(
                isHomeKnown
                        ? new RetentionStep.Retain(
                                osType(), facts.takeover().namespaceUID(), disks(), new MachineBuilder(facts).places())
                        : awaitHome());
    }

    /** The node's end is not awaited: what it made may be all that the VM has, and the key is not destroyed. */
    private VmStep awaitHome() {
        String node = vm.nodeName().orElseThrow();
        return new VmStep.Wait(
                Reason.Deleting,
                "it is not known whether the VM has guest state to retain: none is on record, and the agent on " + node
                        + " has reported none. If that host is off, say so with kubectl tlvm fence " + node
                        + "; to delete the VM with nothing retained, set deletionPolicy to Delete");
    }

    private DataDisks disks() {
        return DataDisks.onRecord(facts).orElseGet(() -> DataDisks.of(facts, facts.nextEpoch()));
    }

    private Optional<OsType> osType() {
        return incarnations
                .current()
                .map(incarnation -> incarnation.machine().osType())
                .or(() -> earlierRecord().map(RetainedVMRecord::osType))
                .or(() -> facts.offers().image().spec().map(image -> image.osType()));
    }

    private Optional<RetainedVMRecord> earlierRecord() {
        return facts.retained().found().map(RetainedVm.Found::record);
    }

    /** The VMIncarnations on lost nodes stay until their guests have ended. */
    private VmStep release() {
        List<Incarnation> unfinished = notOver().toList();
        return new RemovalStep.Release(
                incarnations.all().stream()
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
                .dataDisks(step.disks().recordedDisks())
                .removedDisks(step.disks().recordedRemoved())
                .migration(status.migration())
                .diskFill(status.diskFill())
                .setAside(Optional.ofNullable(status.charged())
                        .map(charge -> charge.setAside())
                        .orElse(null))
                .places(step.places())
                .build();
    }
}
