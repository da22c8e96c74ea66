package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.kube.EventDraft;
import io.trustedlaunch.operator.kube.ResourceWriter;
import io.trustedlaunch.operator.kube.StaleViewException;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.plan.IncarnationBuilder;
import io.trustedlaunch.operator.vm.plan.VmRetention;
import io.trustedlaunch.operator.vm.plan.VmStep;
import io.trustedlaunch.operator.vm.seal.Sealer;
import io.trustedlaunch.operator.vm.status.VmEvents;
import io.trustedlaunch.placement.Allocated;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Carries out what was decided: one act that cannot be undone at a time, each safe to repeat. */
final class VmExecutor {
    private final ApiReader tenants;
    private final ResourceWriter writer;
    private final VmCaches caches;
    private final Sealer sealer;
    private final AssumedPlacements promises;
    private final Failpoints failpoints;
    private final KeyCustodian custodian;
    private final KeyDestruction keys;

    VmExecutor(
            ApiReader tenants,
            ResourceWriter writer,
            VmCaches caches,
            Sealer sealer,
            AssumedPlacements promises,
            Failpoints failpoints) {
        this.tenants = tenants;
        this.writer = writer;
        this.caches = caches;
        this.sealer = sealer;
        this.promises = promises;
        this.failpoints = failpoints;
        this.custodian = new KeyCustodian(writer, caches);
        this.keys = new KeyDestruction(writer);
    }

    /** Writes the status if it changed; the VM as it is then. */
    TrustedLaunchVM record(
            VmFacts facts, VmStep step, Optional<TrustedLaunchVMStatus> status, AssumedPlacements.View view) {
        TrustedLaunchVM vm = facts.vm();
        if (status.isEmpty() || status.equals(facts.status())) {
            return vm;
        }
        switch (step) {
            case VmStep.ReserveEpoch reserve -> promises.promise(view, promise(facts, reserve));
            case VmStep.ReserveMove reserve -> {
                onlyIfAsked(reserve.migration(), vm);
                promises.promise(view, promise(facts, reserve.migration()));
            }
            default -> {}
        }
        TrustedLaunchVM changed = new TrustedLaunchVM();
        changed.setMetadata(vm.getMetadata());
        changed.setSpec(vm.getSpec());
        changed.setStatus(status.get());
        TrustedLaunchVM recorded = writer.replaceStatus(changed);
        caches.updated(recorded, vm);
        failpoints.reached(
                switch (step) {
                    case VmStep.ReserveEpoch reserve -> Failpoint.OPERATOR_EPOCH_RESERVED;
                    case VmStep.ReserveMove reserve -> Failpoint.OPERATOR_MIGRATION_RESERVED;
                    case VmStep.EndMove end -> Failpoint.OPERATOR_MIGRATION_ENDED;
                    default -> Failpoint.OPERATOR_STATUS_WRITTEN;
                });
        VmEvents.of(vm.getStatus(), status.get(), step).forEach(happening -> writer.event(recorded, happening));
        return recorded;
    }

    private static AssumedPlacements.Promise promise(VmFacts facts, VmStep.ReserveEpoch reserve) {
        return new AssumedPlacements.Promise(
                facts.uid(),
                reserve.epoch(),
                reserve.node(),
                new Allocated(
                        facts.spec().cores(),
                        IncarnationBuilder.bytes(facts.spec().memory())));
    }

    private static AssumedPlacements.Promise promise(VmFacts facts, Migration move) {
        return new AssumedPlacements.Promise(
                facts.uid(),
                move.epoch(),
                move.targetNode(),
                facts.current().orElseThrow().load());
    }

    /** A cache may still show a migration that has ended since, or was taken back. */
    private void onlyIfAsked(Migration move, TrustedLaunchVM vm) {
        boolean asked = tenants.migration(vm.getMetadata().getNamespace(), move.name())
                .filter(found -> found.getMetadata().getUid().equals(move.uid()))
                .filter(VmGatherer::isUnfinished)
                .isPresent();
        if (!asked) {
            throw new StaleViewException("VMMigration " + move.name() + " has ended or is gone");
        }
    }

    void carryOut(VmStep step, VmFacts facts, TrustedLaunchVM vm) {
        switch (step) {
            case VmStep.Settled settled -> {}
            case VmStep.Refuse refuse -> {}
            case VmStep.Wait wait -> {}
            case VmStep.Gone gone -> {}
            case VmStep.ReserveEpoch reserve -> {}
            case VmStep.ReserveMove reserve -> {}
            case VmStep.EndMove end -> {}
            case VmStep.Depart depart -> onlyIfCurrent(facts, () -> depart(depart));
            case VmStep.TellLeft tell -> tellLeft(tell.target());
            case VmStep.Adopt adopt -> {}
            case VmStep.Record record -> {}
            case VmStep.AddFinalizer add -> addFinalizer(vm);
            case VmStep.MakeKey make -> onlyIfCurrent(facts, () -> makeKey(vm));
            case VmStep.CreateIncarnation create -> onlyIfCurrent(facts, () -> create(create, facts));
            case VmStep.SealEnvelope seal -> seal(seal.incarnation(), facts);
            case VmStep.SealEscrow seal -> change(seal.incarnation(), sealer.escrow(seal.incarnation(), facts));
            case VmStep.HandApproval hand -> handApproval(hand);
            case VmStep.RemoveEnvelope remove -> removeEnvelope(remove.incarnation());
            case VmStep.Retire retire -> retire(retire.incarnation());
            case VmStep.Erase erase -> erase(erase.incarnation());
            case VmStep.RemoveIncarnation remove -> {
                writer.delete(remove.incarnation().resource());
                failpoints.reached(Failpoint.OPERATOR_OLD_INCARNATION_REMOVED);
            }
            case VmStep.DestroyKey destroy -> destroyKey(facts.key());
            case VmStep.Keep keep -> keep(keep, facts, vm);
            case VmStep.Claim claim -> onlyIfCurrent(facts, () -> claim(facts, vm));
            case VmStep.TakeOver takeOver -> {}
            case VmStep.GiveBack giveBack -> custodian.giveBack(facts.key());
            case VmStep.Release release -> release(release, vm);
        }
    }

    /**
     * What is made for a VM outside its own object is not undone by a conflict. A cache may still show the VM that was
     * just released, the epoch before this one, or a move that has ended, and would have its incarnation made again.
     */
    private void onlyIfCurrent(VmFacts facts, Runnable making) {
        ObjectMeta cached = facts.vm().getMetadata();
        boolean current = tenants.vm(cached.getNamespace(), cached.getName())
                .filter(vm -> vm.getMetadata().getUid().equals(facts.ownerUid()))
                .filter(vm -> vm.hasFinalizer(Api.FINALIZER))
                .filter(vm -> VmFacts.epochOf(vm) == facts.epoch())
                .filter(vm -> Optional.ofNullable(vm.getStatus())
                        .map(TrustedLaunchVMStatus::migration)
                        .equals(facts.migration()))
                .isPresent();
        if (current) {
            making.run();
        }
    }

    private void addFinalizer(TrustedLaunchVM vm) {
        List<String> finalizers = new ArrayList<>(vm.getFinalizers());
        finalizers.add(Api.FINALIZER);
        caches.updated(writer.setFinalizers(vm, finalizers), vm);
    }

    private void makeKey(TrustedLaunchVM vm) {
        caches.created(writer.createIfAbsent(sealer.newKey(vm)));
        failpoints.reached(Failpoint.OPERATOR_KEY_MADE);
    }

    private void create(VmStep.CreateIncarnation create, VmFacts facts) {
        VMIncarnation incarnation = create.sealed() ? sealer.sealed(create.blueprint(), facts) : create.blueprint();
        caches.created(writer.createIfAbsent(incarnation));
        failpoints.reached(Failpoint.OPERATOR_INCARNATION_CREATED);
    }

    private void seal(Incarnation incarnation, VmFacts facts) {
        change(incarnation, sealer.missing(incarnation.resource().getSpec(), facts));
    }

    private void handApproval(VmStep.HandApproval hand) {
        Map<String, Object> spec = new HashMap<>();
        spec.put("approvedGuestState", hand.approved().orElse(null));
        change(hand.incarnation(), spec);
    }

    private void removeEnvelope(Incarnation incarnation) {
        Map<String, Object> spec = new HashMap<>();
        spec.put("envelope", null);
        change(incarnation, spec);
        failpoints.reached(Failpoint.OPERATOR_ENVELOPE_REMOVED);
    }

    private void retire(Incarnation incarnation) {
        change(incarnation, Map.of("desiredState", DesiredState.Stopped.name()));
        failpoints.reached(Failpoint.OPERATOR_STOP_REQUESTED);
    }

    /** Nothing is sealed any more, so that the envelope goes at once. */
    private void erase(Incarnation incarnation) {
        Map<String, Object> spec = new HashMap<>();
        spec.put("desiredState", DesiredState.Erased.name());
        if (incarnation.hasEnvelope()) {
            spec.put("envelope", null);
        }
        change(incarnation, spec);
        failpoints.reached(Failpoint.OPERATOR_ERASE_REQUESTED);
    }

    private void depart(VmStep.Depart depart) {
        change(depart.source(), Map.of("departure", depart.departure()));
        failpoints.reached(Failpoint.OPERATOR_DEPARTURE_HANDED);
    }

    private void tellLeft(Incarnation target) {
        change(target, Map.of("arrival", Map.of("left", true)));
        failpoints.reached(Failpoint.OPERATOR_HANDOFF_CONFIRMED);
    }

    private void change(Incarnation incarnation, Map<String, Object> spec) {
        VMIncarnation before = incarnation.resource();
        caches.updated(writer.mergeSpec(before, spec), before);
    }

    private void keep(VmStep.Keep keep, VmFacts facts, TrustedLaunchVM vm) {
        custodian.keep(facts.key(), VmRetention.recordOf(vm, keep));
        failpoints.reached(Failpoint.OPERATOR_VM_RETAINED);
        writer.event(
                vm,
                EventDraft.normal(
                        Reason.Retained,
                        "key, disks and guest state are kept in StorageLocation "
                                + facts.spec().storageLocationRef().name()
                                + "; a new VM of this namespace takes them over with"
                                + " spec.restoreFrom.retainedVM.uid: " + facts.uid()));
    }

    private void claim(VmFacts facts, TrustedLaunchVM vm) {
        custodian.claim(facts.key(), vm);
        failpoints.reached(Failpoint.OPERATOR_RETAINED_VM_CLAIMED);
    }

    private void destroyKey(KeyFacts key) {
        keys.destroy(key);
        failpoints.reached(Failpoint.OPERATOR_KEY_DESTROYED);
    }

    void forget(String identity) {
        keys.forget(identity);
    }

    private void release(VmStep.Release release, TrustedLaunchVM vm) {
        if (!release.lost().isEmpty()) {
            writer.event(
                    vm,
                    EventDraft.warning(
                            Reason.NodeLost,
                            "disks and TPM state of the VM may still lie on " + String.join(", ", release.lost())
                                    + "; the key that opens the TPM state is destroyed, and a VMIncarnation of "
                                    + vm.identity() + " stays, for which the agent there removes the rest if the host"
                                    + " is ever back"));
        }
        release.remains().forEach(incarnation -> writer.delete(incarnation.resource()));
        failpoints.reached(Failpoint.OPERATOR_INCARNATION_REMOVED);
        // Remembered, or a VM that seems to be held and has no incarnation would get one once more.
        caches.updated(writer.setFinalizers(vm, withoutOurs(vm)), vm);
        failpoints.reached(Failpoint.OPERATOR_VM_RELEASED);
    }

    private static List<String> withoutOurs(HasMetadata resource) {
        return resource.getFinalizers().stream()
                .filter(finalizer -> !finalizer.equals(Api.FINALIZER))
                .toList();
    }
}
