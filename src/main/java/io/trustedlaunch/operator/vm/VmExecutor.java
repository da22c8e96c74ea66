package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Devices;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Fill;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.audit.Act;
import io.trustedlaunch.audit.AuditEntry;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.audit.AuditedObject;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.node.Assignments;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.operator.seal.KeyReleases;
import io.trustedlaunch.operator.seal.SealedEnvelope;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.operator.vm.plan.VmActions;
import io.trustedlaunch.operator.vm.plan.VmStep;
import io.trustedlaunch.operator.vm.seal.Sealer;
import io.trustedlaunch.operator.vm.status.VmAudit;
import io.trustedlaunch.operator.vm.status.VmEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Carries out steps: one action that cannot be undone at a time, each safe to repeat. */
final class VmExecutor {
    private final ApiReader reader;
    private final ResourceWriter writer;
    private final VmCaches caches;
    private final Sealer sealer;
    private final Assignments assignments;
    private final SharedCall confirmation;
    private final SharedCall mark;
    private final Failpoints failpoints;
    private final KeyCustodian custodian;
    private final KeyDestruction keys;
    private final KeyReleases releases;
    private final AuditLog audit;
    private final OwnWrites ownWrites = new OwnWrites();

    VmExecutor(
            ApiReader reader,
            ResourceWriter writer,
            VmCaches caches,
            Sealer sealer,
            Assignments assignments,
            Leadership leadership,
            Failpoints failpoints,
            AuditLog audit) {
        this.reader = reader;
        this.writer = writer;
        this.caches = caches;
        this.sealer = sealer;
        this.assignments = assignments;
        this.confirmation = new SharedCall(leadership::confirm);
        this.mark = new SharedCall(leadership::raise);
        this.failpoints = failpoints;
        this.custodian = new KeyCustodian(writer, caches);
        this.keys = new KeyDestruction(writer);
        this.releases = new KeyReleases(reader, writer, audit);
        this.audit = audit;
    }

    /** The VM as this process wrote it, if the cache has an earlier version. */
    TrustedLaunchVM newest(TrustedLaunchVM cached) {
        return ownWrites.newest(cached);
    }

    /**
     * Writes the status if it changed.
     *
     * @return the VM with that status
     */
    TrustedLaunchVM record(VmFacts facts, VmStep step, Optional<TrustedLaunchVMStatus> status) {
        TrustedLaunchVM vm = facts.vm().resource();
        if (status.isEmpty() || status.equals(facts.vm().status())) {
            return vm;
        }
        step.beforeStatus(facts, new Actions(facts, vm));
        TrustedLaunchVM changed = new TrustedLaunchVM();
        changed.setMetadata(vm.getMetadata());
        changed.setSpec(vm.getSpec());
        changed.setStatus(status.get());
        TrustedLaunchVM recorded = ownWrites.keep(vm, () -> writer.replaceStatus(changed));
        VmAudit.of(recorded, facts.vm().status(), status.get(), step).forEach(audit::record);
        failpoints.reached(step.statusWritten());
        VmEvents.of(facts.vm().status(), status.get(), step).forEach(event -> writer.event(recorded, event));
        return recorded;
    }

    /**
     * @param recorded the VM with the status that was just written
     * @param isCurrent whether this pass has read or written the VM at the API server
     * @return the VM as it is then, if the step was carried out
     */
    Optional<TrustedLaunchVM> carryOut(VmFacts facts, VmStep step, TrustedLaunchVM recorded, boolean isCurrent) {
        if (step instanceof VmStep.OnCurrentVm && !isCurrent && !isCurrent(facts)) {
            return Optional.empty();
        }
        Actions actions = new Actions(facts, recorded);
        step.carryOut(facts, actions);
        return Optional.of(actions.vm());
    }

    private boolean isCurrent(VmFacts facts) {
        VmObject known = facts.vm();
        return reader.vm(known.namespace(), known.name())
                .map(VmObject::new)
                .filter(vm -> vm.hasFinalizer() && vm.ownerUid().equals(known.ownerUid()))
                .filter(vm -> vm.epoch() == known.epoch() && vm.migration().equals(known.migration()))
                .filter(vm -> vm.ek().equals(known.ek()))
                .filter(vm -> vm.restores().last().equals(known.restores().last()))
                .filter(vm -> vm.approvedGuestState().equals(known.approvedGuestState()))
                .filter(vm ->
                        vm.diskFill().map(Fill::uid).equals(known.diskFill().map(Fill::uid)))
                .isPresent();
    }

    void forget(TrustedLaunchVM vm) {
        keys.forget(vm.identity());
        ownWrites.forget(vm);
    }

    /** The actions of one pass over one VM. */
    private final class Actions implements VmActions {
        private final VmFacts facts;
        private TrustedLaunchVM vm;

        private Actions(VmFacts facts, TrustedLaunchVM vm) {
            this.facts = facts;
            this.vm = vm;
        }

        @Override
        public TrustedLaunchVM vm() {
            return vm;
        }

        /** The cache may still show a migration that has ended or was deleted. */
        @Override
        public void requireUnfinished(Migration migration) {
            boolean unfinished = reader.migration(vm.getMetadata().getNamespace(), migration.name())
                    .filter(found -> found.getMetadata().getUid().equals(migration.uid()))
                    .filter(VmGatherer::isUnfinished)
                    .isPresent();
            if (!unfinished) {
                throw new StaleViewException("VMMigration " + migration.name() + " has ended or is gone");
            }
        }

        @Override
        public void confirmLeadership() {
            confirmation.run();
        }

        @Override
        public void addFinalizer() {
            List<String> finalizers = new ArrayList<>(vm.getFinalizers());
            finalizers.add(Api.FINALIZER);
            setFinalizers(finalizers);
        }

        @Override
        public void removeFinalizer() {
            setFinalizers(vm.getFinalizers().stream()
                    .filter(finalizer -> !finalizer.equals(Api.FINALIZER))
                    .toList());
        }

        /** It is remembered: a released VM that still shows its finalizer would get a new incarnation. */
        private void setFinalizers(List<String> finalizers) {
            TrustedLaunchVM before = vm;
            vm = ownWrites.keep(before, () -> writer.setFinalizers(before, finalizers));
        }

        @Override
        public void createKey() {
            caches.created(writer.createIfAbsent(sealer.newKey(vm)));
        }

        @Override
        public void destroyKey() {
            keys.destroy(facts.key());
        }

        @Override
        public void restoreKey(ProtectionKey key, RetainedVMRecord record) {
            Secret restored = sealer.retainedKey(key, record);
            caches.created(writer.createIfAbsent(restored));
            audit.record(AuditEntry.success(Act.KeyRestored, AuditedObject.of(vm))
                    .vm(Optional.of(vm.identity()))
                    .approvedBy(Optional.of(vm.getSpec().approveRestore().approvedBy()))
                    .build());
        }

        @Override
        public void retain(RetainedVMRecord record) {
            custodian.retain(facts.key(), record);
        }

        @Override
        public void claimRetained() {
            custodian.claim(facts.key(), vm);
        }

        @Override
        public void inheritRetained(RetainedVMRecord record) {
            custodian.inherit(facts.key(), vm, record);
        }

        @Override
        public void returnRetained() {
            custodian.giveBack(facts.key());
        }

        @Override
        public void create(VMIncarnation incarnation) {
            mark.run();
            caches.created(writer.createIfAbsent(proved(incarnation)));
        }

        private VMIncarnation proved(VMIncarnation incarnation) {
            VMIncarnation proved = new VMIncarnation();
            proved.setMetadata(incarnation.getMetadata());
            proved.setSpec(VMIncarnationSpecBuilder.builder(incarnation.getSpec())
                    .proof(assignments.prove(incarnation.getSpec()))
                    .build());
            return proved;
        }

        @Override
        public void createSealed(VMIncarnation incarnation) {
            SealedEnvelope.In<VMIncarnation> sealed = sealer.sealed(incarnation, facts);
            VMIncarnation proved = proved(sealed.content());
            mark.run();
            caches.created(releases.vmKey(sealed.envelope(), proved, vm, () -> writer.createIfAbsent(proved)));
        }

        @Override
        public void sealEnvelope(Incarnation incarnation) {
            VMIncarnation before = incarnation.resource();
            SealedEnvelope.In<Map<String, Object>> missing = sealer.missing(incarnation, facts);
            caches.updated(
                    releases.vmKey(missing.envelope(), before, vm, () -> writer.mergeSpec(before, missing.content())),
                    before);
        }

        @Override
        public void createRestoreRun(Restore restore) {
            SealedEnvelope.In<RestoreRun> run = sealer.restoreRun(restore, facts);
            caches.created(releases.backupKeys(
                    run.envelope(),
                    vm,
                    restore.sourceVm(vm.identity()),
                    created -> created.getSpec().envelope(),
                    () -> writer.createIfAbsent(run.content())));
        }

        @Override
        public void delete(RestoreRun run) {
            writer.delete(run);
        }

        @Override
        public void createDiskFill(Fill fill, Incarnation incarnation) {
            SealedEnvelope.In<DiskFill> run = sealer.diskFill(fill, incarnation, facts);
            caches.created(releases.backupKeys(
                    run.envelope(),
                    vm,
                    fill.backupOf(),
                    created -> created.getSpec().envelope(),
                    () -> writer.createIfAbsent(run.content())));
        }

        @Override
        public void sealDiskFill(Fill fill, DiskFill run) {
            SealedEnvelope.In<Map<String, Object>> renewed = sealer.renewed(fill, run, facts);
            caches.updated(
                    releases.backupKeys(
                            renewed.envelope(),
                            vm,
                            fill.backupOf(),
                            run,
                            () -> writer.mergeSpec(run, renewed.content())),
                    run);
        }

        @Override
        public void delete(DiskFill run) {
            writer.delete(run);
        }

        @Override
        public void sealEscrow(Incarnation incarnation) {
            change(incarnation, sealer.escrow(incarnation, facts));
        }

        @Override
        public void changeDevices(Incarnation incarnation, Devices devices) {
            change(incarnation, sealer.devices(incarnation, devices, facts));
        }

        @Override
        public void change(Incarnation incarnation, Map<String, Object> spec) {
            VMIncarnation before = incarnation.resource();
            caches.updated(writer.mergeSpec(before, spec), before);
        }

        @Override
        public void delete(List<Incarnation> incarnations) {
            incarnations.forEach(incarnation -> writer.delete(incarnation.resource()));
        }

        @Override
        public void event(EventDraft event) {
            writer.event(vm, event);
        }

        @Override
        public void reached(Failpoint point) {
            failpoints.reached(point);
        }
    }
}
