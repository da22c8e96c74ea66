package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.DiskFillStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Fill;
import io.trustedlaunch.operator.backuplocation.BackupLocationChecks;
import io.trustedlaunch.operator.vm.facts.FillFacts;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.placement.NodeInfo;
import java.util.Objects;
import java.util.Optional;

/**
 * Plans what a VM needs whose disks are not whole yet: while its incarnation is not over, there is exactly one DiskFill, on the node of
 * that; otherwise there is none. Starts, restarts and failovers follow from this alone.
 */
public final class DiskFillPlan {
    private final VmFacts facts;
    private final VmObject vm;

    public DiskFillPlan(VmFacts facts) {
        this.facts = facts;
        this.vm = facts.vm();
    }

    /** Empty: there is nothing to do now. */
    Optional<VmStep> step() {
        return vm.diskFill()
                .flatMap(fill -> incarnation()
                        .map(incarnation -> on(incarnation, fill))
                        .orElseGet(() -> facts.fill().run().map(FillStep.Remove::new)));
    }

    private Optional<VmStep> on(Incarnation incarnation, Fill fill) {
        Optional<DiskFill> found = facts.fill().run();
        if (found.isEmpty()) {
            return incarnation.desired() == DesiredState.Running
                            && obstacle(incarnation).isEmpty()
                    ? Optional.of(new FillStep.Create(fill, incarnation))
                    : Optional.empty();
        }
        Optional<DiskFill> own = facts.fill().runOf(vm, incarnation.node());
        if (own.isEmpty()) {
            return found.map(FillStep.Remove::new);
        }
        if (own.get().phase() == RunPhase.Completed) {
            // A later incarnation has attached the backup again, and waits for it.
            return Optional.of(
                    isOf(own.get(), incarnation) ? new FillStep.End(fill, own.get()) : new FillStep.Remove(own.get()));
        }
        return isSealDue(own.get(), incarnation) && obstacle(incarnation).isEmpty()
                ? Optional.of(new FillStep.Seal(fill, own.get()))
                : Optional.empty();
    }

    private static boolean isOf(DiskFill run, Incarnation incarnation) {
        return Objects.equals(run.getStatus().epoch(), incarnation.epoch());
    }

    private boolean isSealDue(DiskFill run, Incarnation incarnation) {
        return FillFacts.isSealDue(
                run, facts.nodes().find(incarnation.node()).flatMap(NodeInfo::sealingKey), facts.now());
    }

    /** The one that has the disks, or is about to. */
    private Optional<Incarnation> incarnation() {
        return facts.incarnations()
                .current()
                .filter(incarnation -> !facts.nodes().isOver(incarnation));
    }

    /** The DiskFill whose agent is believed. */
    public Optional<DiskFill> own() {
        return incarnation().flatMap(incarnation -> facts.fill().runOf(vm, incarnation.node()));
    }

    /** Why its node cannot be given what it needs. */
    private Optional<Problem> obstacle(Incarnation incarnation) {
        return key().or(() -> facts.fill().grant().flatMap(grant -> grant.refusal()))
                .or(() -> new StartChecks(facts)
                        .certificateFault(incarnation.node())
                        .map(fault -> new Problem(Reason.CertificatePending, incarnation.node() + ": " + fault)));
    }

    private Optional<Problem> key() {
        return vm.diskFill().filter(fill -> fill.backupOf().equals(vm.uid())).isPresent()
                ? StartChecks.key(facts)
                : facts.fill().copied().flatMap(key -> key.refusal());
    }

    /** Why no incarnation can begin on that node: it does not find the backup. */
    Optional<Problem> problemOn(String node) {
        return vm.diskFill()
                .flatMap(fill -> facts.fill()
                        .location()
                        .map(location -> BackupLocationChecks.usable(location, node))
                        .orElseGet(() -> Optional.of(BackupLocationChecks.gone(fill.location()))));
    }

    /** Why what needs whole disks waits; empty: they are whole. */
    public Optional<Problem> problem() {
        return vm.diskFill().map(fill -> new Problem(Reason.DisksFilling, shown(fill)));
    }

    private String shown(Fill fill) {
        int percent = Optional.ofNullable(fill.progressPercent()).orElse(0);
        String from = "its disks are filled from VMBackup " + fill.backup().name() + ": " + percent + " %";
        return incarnation()
                .map(incarnation ->
                        from + trouble(incarnation).map(why -> " (" + why + ")").orElse(""))
                .orElse(from + ", which goes on while it runs");
    }

    private Optional<String> trouble(Incarnation incarnation) {
        Optional<DiskFill> own = facts.fill().runOf(vm, incarnation.node());
        boolean isDue = own.map(run -> isSealDue(run, incarnation)).orElse(true);
        return (isDue ? obstacle(incarnation).map(Problem::message) : Optional.<String>empty())
                .or(() -> own.flatMap(DiskFill::status).flatMap(DiskFillPlan::said));
    }

    private static Optional<String> said(DiskFillStatus status) {
        String reason = status.knownReason().map(known -> known + ": ").orElse("");
        return status.said().map(message -> reason + message);
    }
}
