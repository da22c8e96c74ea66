package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.List;
import java.util.Optional;

/**
 * Plans the next step for a VM.
 *
 * @param namespace the operator's own
 * @param escrows whether protection keys are escrowed
 * @param pace of live migrations
 */
public record VmPlanner(String namespace, boolean escrows, Pace pace) {
    public VmStep plan(VmFacts facts) {
        return withStatus(facts, step(facts));
    }

    private VmStep step(VmFacts facts) {
        if (facts.vm().isBeingDeleted() && !facts.vm().hasFinalizer()) {
            return new VmStep.Gone();
        }
        if (VmTakeover.isAhead(facts)) {
            return new VmTakeover(facts).plan();
        }
        if (facts.retained().heldByAnotherThan(facts.vm().ownerUid())) {
            return takenOver(facts);
        }
        Optional<VmStep> adoption = adopt(facts);
        if (adoption.isPresent()) {
            return adoption.get();
        }
        VmStep step = new VmMigrationPlan(facts, namespace, pace)
                .underway()
                .or(() -> GuestShutdown.change(facts))
                .orElseGet(() -> facts.vm().isBeingDeleted()
                        ? RestorePlan.beforeDeletion(facts).orElseGet(() -> deleted(facts))
                        : RestorePlan.failed(facts).orElseGet(() -> withoutUsedEnvelopes(facts, existing(facts))));
        // Whatever the VM waits for: its guest may wait for what the step gives it.
        return step instanceof VmStep.Idle ? new DiskFillPlan(facts).step().orElse(step) : step;
    }

    /** Why a migration cannot start; empty if it can. */
    public Optional<Problem> migrationProblem(VmFacts facts, VMMigration migration) {
        return switch (new VmMigrationPlan(facts, namespace, pace).target(migration)) {
            case Migratability.Target.None none -> Optional.of(none.problem());
            case Migratability.Target.Node node -> Optional.empty();
        };
    }

    /** Puts a migration on record together with the status that follows from it, in one write. */
    private VmStep withStatus(VmFacts facts, VmStep step) {
        return switch (step) {
            case MigrationStep.ReserveMigration reserve ->
                new MigrationStep.ReserveMigration(reserve.migration(), shown(facts.recording(reserve.migration())));
            case MigrationStep.EndMigration end ->
                new MigrationStep.EndMigration(end.migration(), shown(facts.recording(end.migration())));
            default -> step;
        };
    }

    private Optional<VmStep> shown(VmFacts facts) {
        return facts.incarnations()
                .current()
                .filter(incarnation -> !facts.vm().isBeingDeleted())
                .map(incarnation -> current(facts, incarnation).plan())
                .filter(step -> step instanceof VmStep.Idle || step instanceof VmStep.Retire);
    }

    private VmStep deleted(VmFacts facts) {
        return VmRetention.applies(facts)
                ? new VmRetention(facts, namespace).plan()
                : new VmDeletionPlan(facts, namespace).plan();
    }

    /** Only if the API server's data was changed: a VM is taken over after its former owner is gone. */
    private static VmStep takenOver(VmFacts facts) {
        return facts.vm().isBeingDeleted()
                ? new RemovalStep.Release(List.of(), List.of())
                : new VmStep.Refuse(
                        Reason.RetainedVMInUse,
                        "another VM has taken over this VM (see annotation " + Api.TAKEN_OVER_BY + " of Secret "
                                + facts.vm().uid()
                                + "); nothing is started or removed. Delete this VM: that removes no file and no"
                                + " key of the other one");
    }

    /**
     * Only if nothing else is to do: if another incarnation follows, the envelope goes with the old one without a
     * write.
     */
    private static VmStep withoutUsedEnvelopes(VmFacts facts, VmStep step) {
        return facts.incarnations().all().stream()
                .filter(incarnation -> step instanceof VmStep.Idle
                        && incarnation.isOver()
                        && incarnation.hasEnvelope()
                        && !incarnation.keepsWhatItLeft()
                        // It may be the only copy of a lost key.
                        && facts.key() instanceof KeyFacts.Held)
                .findFirst()
                .<VmStep>map(RemovalStep.RemoveEnvelope::new)
                .orElse(step);
    }

    /** If the record was restored from an older state, the node with a later epoch has the VM. */
    private static Optional<VmStep> adopt(VmFacts facts) {
        return facts.nodes()
                .inventory()
                .latest()
                .filter(seen -> seen.epoch() > facts.vm().epoch())
                .filter(seen -> !facts.vm()
                        .openMigration()
                        .map(migration -> migration.epoch())
                        .equals(Optional.of(seen.epoch())))
                .map(seen -> new VmStep.Adopt(seen.node(), seen.epoch()));
    }

    private VmStep existing(VmFacts facts) {
        if (facts.vm().epoch() == 0) {
            return facts.vm().isHalted()
                    ? new VmStep.Settled(Reason.Halted, "the VM was never started, because runStrategy is Halted")
                    : new VmStartPlan(facts).next();
        }
        if (!facts.vm().hasFinalizer()) {
            return new VmStep.AddFinalizer();
        }
        Optional<Incarnation> current = facts.incarnations().current();
        if (current.isPresent()) {
            return new PreviousIncarnations(facts)
                    .clear(current.get())
                    .orElseGet(() -> current(facts, current.get()).plan());
        }
        return VmTakeover.isOfEndedIncarnation(facts)
                ? haltedOrNext(facts)
                : new VmRecreation(facts, namespace).missing();
    }

    static VmStep haltedOrNext(VmFacts facts) {
        return facts.vm().isHalted() ? halted(facts) : new VmStartPlan(facts).next();
    }

    private CurrentIncarnation current(VmFacts facts, Incarnation incarnation) {
        return new CurrentIncarnation(facts, incarnation, this);
    }

    static VmStep halted(VmFacts facts) {
        return VmStartPlan.restore(facts)
                .orElseGet(() -> new VmStep.Settled(Reason.Halted, "the VM is off, because runStrategy is Halted"));
    }

    /**
     * Written with the VM's resourceVersion before the agent is asked, so that an outdated operator removes nothing.
     */
    static Problem clearing(VmFacts facts, Incarnation incarnation) {
        String clearing = "removing what was prepared on " + incarnation.node() + ", before the VM is prepared anew";
        return new Problem(
                Reason.Starting,
                facts.nodes().isAgentAlive(incarnation.node())
                        ? clearing
                        : clearing
                                + ": its agent is not responding; start it, or delete the VM, which never ran, and create"
                                + " it again");
    }
}
