package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.incarnation.report.IncarnationStatus;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.EpochProgress;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.failpoint.Failpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The one thing to do next for an incarnation. A step names the actions that it is made of, and when to plan again. */
public sealed interface IncarnationStep {
    Duration UNTIL_RECEIVED = Duration.ofSeconds(1);
    Duration BETWEEN_PRESSES = Duration.ofSeconds(10);

    /** May be repeated. */
    Requeue carryOut(IncarnationFacts facts, IncarnationActions actions);

    /** Once refused, it backs off before it is tried again. */
    sealed interface StartStep extends IncarnationStep {}

    /**
     * Records the epoch as the highest seen, and how far it came: no lower one starts from now on, nor this one again if it may
     * have run.
     *
     * @param seen how far it came by what the agent can see here
     */
    record RecordEpoch(EpochProgress seen) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.start().recordEpoch(facts, seen);
            return Requeue.now();
        }
    }

    /** Makes disks, working copy and the paused domain. */
    record Prepare(StartSource source) implements StartStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            Optional<Waiting> waiting = actions.start().prepare(facts, source);
            waiting.flatMap(until -> reportOf(until, facts.statuses()))
                    .ifPresent(status -> actions.report(facts, status));
            return waiting.<Requeue>map(until -> Requeue.after(until.delay())).orElseGet(Requeue::now);
        }

        private static Optional<VMIncarnationStatus> reportOf(Waiting waiting, IncarnationStatus statuses) {
            return waiting.problem()
                    .map(problem -> statuses.blocked(problem.reason(), problem.message()))
                    .or(() -> waiting.withdraws() ? statuses.unblocked() : Optional.empty());
        }
    }

    /** Claims the home, reports the EK, checks the ownership and resumes the guest. */
    record Resume() implements StartStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.start().resume(facts);
        }
    }

    /** Reports the running guest and its addresses. */
    record Watch() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.start().watch(facts);
        }
    }

    /** Reports a guest that ran and is paused. */
    record ReportPaused(String message) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.report(facts, facts.statuses().paused(message));
            return Requeue.atResync();
        }
    }

    /** Resumes a guest that was paused and reported because a disk was full. */
    record ResumeIfDisksHaveSpace(String message) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.start().resumeIfDisksHaveSpace(facts)
                    ? Requeue.now()
                    : new ReportPaused(message).carryOut(facts, actions);
        }
    }

    /** Nothing can be done before an event comes, or this delay is over. */
    record Wait(Duration delay) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return Requeue.after(delay);
        }
    }

    record RecordEnd(Exit exit) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.stop().recordEnd(facts, exit);
            return Requeue.now();
        }
    }

    /** Seals the state that a guest left in the working copy, under its own epoch. */
    record SealLastState(long epoch) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.stop().sealLastState(facts, epoch);
        }
    }

    /** Erases a working copy whose state is home, or is of no use. */
    record EraseWorkingCopy() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.stop().eraseWorkingCopy(facts);
            return Requeue.now();
        }
    }

    /** Keeps a working copy that cannot be used, for inspection. */
    record SetWorkingCopyAside() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.stop().setWorkingCopyAside(facts);
            return Requeue.now();
        }
    }

    /**
     * The incarnation is over.
     *
     * @param complete all of the guest's state is home; never of a guest that never ran
     */
    record ReportEnded(Exit exit, boolean complete) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.stop().removeSeed(facts);
            actions.report(facts, facts.statuses().ended(exit, facts.newestKnown(), complete, facts.now()));
            actions.reached(Failpoint.AGENT_STOP_REPORTED);
            return Requeue.atResync();
        }
    }

    /**
     * Asks the guest to shut down, repeatedly until the deadline. Only a guest that takes long is reported.
     *
     * @param requested when it was first asked
     */
    record PressPowerButton(Instant requested, Instant deadline) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.stop().pressPowerButton(facts, requested);
            if (!facts.now().isBefore(requested.plus(BETWEEN_PRESSES))) {
                actions.report(facts, facts.statuses().shuttingDown(deadline));
            }
            Duration left = Duration.between(facts.now(), deadline);
            boolean isLast = left.isPositive() && left.compareTo(BETWEEN_PRESSES) < 0;
            return Requeue.after(isLast ? left : BETWEEN_PRESSES);
        }
    }

    /** @param exit recorded before the power is cut */
    record CutPower(Exit exit) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.stop().cutPower(facts, exit);
            return Requeue.now();
        }
    }

    record Erase(Exit exit) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.stop().erase(facts, exit);
        }
    }

    record ReportErased(Exit exit) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.report(facts, facts.statuses().erased(exit));
            actions.reached(Failpoint.AGENT_ERASE_REPORTED);
            return Requeue.atResync();
        }
    }

    /** A later incarnation is known: this one never runs again. */
    record ReportSuperseded(Exit exit) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.report(facts, facts.statuses().superseded(exit));
            return Requeue.atResync();
        }
    }

    /** Prepares this host for a guest from another one; it may arrive from then on. */
    record PrepareArrival() implements StartStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.start().prepareArrival(facts);
            actions.report(
                    facts,
                    facts.statuses()
                            .receiving("ready to receive the guest from node "
                                    + facts.spec().arrival().nodeName()));
            actions.reached(Failpoint.TARGET_RECEIVING_REPORTED);
            return Requeue.atResync();
        }
    }

    /** The guest has not arrived, or has not been confirmed to have left its source. */
    record AwaitArrival() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.start().anticipateArrival(facts);
            actions.report(
                    facts,
                    facts.statuses()
                            .receiving(
                                    "waiting for the guest to arrive, or to be confirmed as gone from its source node"));
            if (facts.isReceived()) {
                return Requeue.after(ArrivalPlanner.HANDOFF_WITHIN);
            }
            return facts.underway().isPresent() ? Requeue.after(UNTIL_RECEIVED) : Requeue.atResync();
        }
    }

    /** The guest is complete here, and it takes long until it is confirmed to have left its source. */
    record ReportReceived() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.start().anticipateArrival(facts);
            actions.report(
                    facts, facts.statuses().received(facts.spec().arrival().nodeName()));
            return Requeue.atResync();
        }
    }

    /** Checks the EK of a guest that has left its source, claims its home and resumes it. */
    record ResumeArrived() implements StartStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.start().resumeArrived(facts);
            return Requeue.now();
        }
    }

    /** Records the departure and starts the migration. */
    record StartMigration(Migration migration, MigrationOptions options) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.migration().start(facts, migration, options);
            return Requeue.now();
        }
    }

    /** Reports the progress of the migration. */
    record ReportUnderway(long epoch, String nodeName, Optional<MigrationProgress> progress)
            implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.migration().reportUnderway(facts, epoch, nodeName, progress);
        }
    }

    /** Allows a longer pause to a guest that changes its memory fast. */
    record AllowPause(Duration pause) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.migration().allowPause(facts, pause);
        }
    }

    /** Aborts a migration that was cancelled, or that no process watches; a later pass observes the result. */
    record AbortMigration() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.migration().abort(facts);
        }
    }

    /** Resumes a guest that a failed migration left paused on its source. */
    record ResumeAfterMigration() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.migration().resume(facts);
            return Requeue.now();
        }
    }

    /** Records that the migration failed and that the guest belongs to this host. */
    record RecordStayed(long epoch, String nodeName, Problem problem) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.migration().recordStayed(facts, this);
            return Requeue.now();
        }
    }

    record ReportStayed(long epoch, String nodeName, Problem problem) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.migration().reportStayed(facts, this);
            return Requeue.now();
        }
    }

    /** Records that the guest has left: it never runs here again in this incarnation. */
    record RecordLeft(long epoch) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.migration().recordLeft(facts, epoch);
            return Requeue.now();
        }
    }

    /** The guest has left, as was reported, and the record is from before. */
    record RecordReportedLeft(Migration migration, boolean copiesDisks) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.migration().recordReportedLeft(facts, migration, copiesDisks);
            return Requeue.now();
        }
    }

    /** Reports it to the target agent and to the operator. */
    record ReportLeft(long epoch, String nodeName) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.migration().reportLeft(facts, epoch, nodeName);
        }
    }

    /** Sends the target the whole home of a guest that has left, and waits for its confirmation. */
    record HandOver(Migration migration) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.migration().handOver(facts, migration);
        }
    }

    /** Removes a folder that was handed over. */
    record ClearFolder() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.migration().clearFolder(facts);
        }
    }

    /** Removes the disks that were made for a guest that did not arrive. */
    record RemoveCopiedDisks() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.stop().removeCopiedDisks(facts);
            return Requeue.now();
        }
    }

    /** Makes the copied disks of a guest that was about to run the VM's own. */
    record KeepCopiedDisks() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.stop().keepCopiedDisks(facts);
            return Requeue.now();
        }
    }

    /** The home holds a state of a later epoch. If it opens, it is the VM's own, and the next epoch is to be higher. */
    record RefuseLaterState(GuestStateVersion found) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            if (actions.start().opens(facts, found)) {
                actions.report(facts, facts.statuses().found(found, facts.now()));
            }
            throw actions.start().refusalOfLaterState(facts, found);
        }
    }

    /** The home was claimed for this epoch: by this incarnation, which is not recorded here, or elsewhere. */
    record RefuseUnknownClaim(GuestStateVersion found) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            throw actions.start().refusalOfUnknownClaim(facts, found);
        }
    }

    /** The incarnation cannot continue; the problem is reported. */
    record Refuse(Reason reason, String message) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            throw new RefusedException(reason, message);
        }
    }
}
