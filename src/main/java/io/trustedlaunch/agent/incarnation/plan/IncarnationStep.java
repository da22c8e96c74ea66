package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.imagecopy.Images.Result.Awaited;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.failpoint.Failpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The one thing to do next for an incarnation. A step names the actions that it is made of, and when to plan again. */
public sealed interface IncarnationStep {
    Duration UNTIL_IMAGE = Duration.ofSeconds(5);
    Duration UNTIL_RECEIVED = Duration.ofSeconds(1);
    Duration BETWEEN_PRESSES = Duration.ofSeconds(10);

    /** May be repeated. */
    Requeue carryOut(IncarnationFacts facts, IncarnationActions actions);

    /** Once refused, a step of a start backs off before it is tried again. */
    default boolean isStart() {
        return false;
    }

    /**
     * This epoch is the highest seen; from now on no lower one starts.
     *
     * @param ran it runs, or must be taken for one that ran, so that it never starts again
     */
    record RecordEpoch(boolean ran) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.start().recordEpoch(facts, ran);
            return Requeue.now();
        }
    }

    /** Everything up to a paused domain. */
    record Prepare(StartSource source) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            Optional<Awaited> image = actions.start().prepare(facts, source);
            image.flatMap(Awaited::problem)
                    .ifPresent(word -> actions.report(facts, facts.statuses().hindered(word.reason(), word.message())));
            return image.isPresent() ? Requeue.after(UNTIL_IMAGE) : Requeue.now();
        }

        @Override
        public boolean isStart() {
            return true;
        }
    }

    /** From the paused domain to a running guest: its home claimed, its EK on record, its ownership proved. */
    record Resume() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.start().resume(facts);
            return Requeue.now();
        }

        @Override
        public boolean isStart() {
            return true;
        }
    }

    /** The guest runs: tell, and look after its addresses. */
    record Watch() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.start().watch(facts);
        }
    }

    /** The guest ran and stands still now. */
    record ReportPaused(String message) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.report(facts, facts.statuses().paused(message));
            return Requeue.atResync();
        }
    }

    /** A disk could not be written, which was told: it is tried whether it can be now. */
    record ResumeIfDisksHaveSpace(String message) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.start().resumeIfDisksHaveSpace(facts)
                    ? Requeue.now()
                    : new ReportPaused(message).carryOut(facts, actions);
        }
    }

    /** The domain is gone, and whoever saw why may still be about to say so. */
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

    /**
     * Brings home what a guest left in the working copy, as what it is: the last state of its own life.
     *
     * @param epoch that life
     */
    record SealLastState(long epoch) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.stop().sealLastState(facts, epoch);
        }
    }

    /** What is in the working copy is home. */
    record EraseWorkingCopy() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.stop().eraseCopy(facts);
            return Requeue.now();
        }
    }

    /** The working copy cannot be used, and is kept for whoever wants to look into it. */
    record SetWorkingCopyAside() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.stop().setCopyAside(facts);
            return Requeue.now();
        }
    }

    /**
     * The life is over.
     *
     * @param complete nothing that is not home is left of the guest's state on this host
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

    /** Asks the guest, again and again until the deadline. */
    record PressPowerButton(Instant deadline) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.stop().pressPowerButton(facts, deadline);
            Duration left = Duration.between(facts.now(), deadline);
            return Requeue.after(left.compareTo(BETWEEN_PRESSES) < 0 ? left : BETWEEN_PRESSES);
        }
    }

    /** @param exit what is remembered of the life, before its power is cut */
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
            actions.stop().erase(facts, exit);
            return Requeue.now();
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

    /** A later life is known: this one never runs, or never again. */
    record ReportSuperseded(Exit exit) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.report(facts, facts.statuses().superseded(exit));
            return Requeue.atResync();
        }
    }

    /** Everything that a guest from another host finds when it comes; it may from then on. */
    record PrepareArrival() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.start().prepareArrival(facts);
            actions.report(
                    facts,
                    facts.statuses()
                            .receiving("ready for the guest from node "
                                    + facts.spec().arrival().nodeName()));
            actions.reached(Failpoint.TARGET_RECEIVING_REPORTED);
            return Requeue.atResync();
        }

        @Override
        public boolean isStart() {
            return true;
        }
    }

    /** The guest is not here yet, or stands still here and may still be the other host's. */
    record AwaitArrival() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.start().anticipateArrival(facts);
            actions.report(facts, facts.statuses().receiving("the guest comes, or stands still here"));
            return facts.underway().isPresent() ? Requeue.after(UNTIL_RECEIVED) : Requeue.atResync();
        }
    }

    /** From a guest that has come and left there to one that runs here: its EK found again, its home claimed. */
    record ResumeArrived() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.start().resumeArrived(facts);
            return Requeue.now();
        }

        @Override
        public boolean isStart() {
            return true;
        }
    }

    /** Remembers that the guest is to go, and begins to move it. */
    record StartMigration(Migration move, MigrationOptions manner) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.migration().start(facts, move, manner);
            return Requeue.now();
        }
    }

    /** The guest is on its way. */
    record ReportUnderway(long epoch, String nodeName, Optional<MigrationProgress> progress)
            implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.migration().reportUnderway(facts, epoch, nodeName, progress);
        }
    }

    /** It changes its memory fast, and may stand still longer for the last of it. */
    record AllowPause(Duration pause) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.migration().allowPause(facts, pause);
        }
    }

    /** The guest is to stay after all, or nobody looks after its way any more: what becomes of it is seen afterwards. */
    record AbortMigration() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.migration().abort(facts);
        }
    }

    /** It stands still where a move was given up, and is this host's. */
    record ResumeAfterMigration() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.migration().resume(facts);
            return Requeue.now();
        }
    }

    /** This try is over, and the guest is this host's. */
    record RecordStayed(long epoch, String nodeName, Reason reason, String message) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.migration().recordStayed(facts, this);
            return Requeue.now();
        }
    }

    record ReportStayed(long epoch, String nodeName, Reason reason, String message) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.migration().reportStayed(facts, this);
            return Requeue.now();
        }
    }

    /** The guest is gone by migration: never again is it this host's in this life. */
    record RecordLeft(long epoch) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.migration().recordLeft(facts, epoch);
            return Requeue.now();
        }
    }

    /** Says so to the host that has it now, and to the operator. */
    record ReportLeft(long epoch, String nodeName) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.migration().reportLeft(facts, epoch, nodeName);
        }
    }

    /** Brings the other host all of the home of a guest that has left, and makes sure that it knows. */
    record HandOver(Migration move) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            return actions.migration().handOver(facts, move);
        }
    }

    /** What is handed over is removed here. */
    record ClearFolder() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.migration().clearFolder(facts);
            return Requeue.now();
        }
    }

    /** Removes what was made for the disks of a guest that did not come. */
    record RemoveCopiedDisks() implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            actions.stop().removeCopies(facts);
            return Requeue.now();
        }
    }

    /** The home holds a state of a later epoch: what it is worth decides what the user is told. */
    record RefuseLaterState(GuestStateVersion found) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            throw actions.start().refusalOfLaterState(facts, found);
        }
    }

    /** It cannot go on, and the user is told why. */
    record Refuse(Reason reason, String message) implements IncarnationStep {
        @Override
        public Requeue carryOut(IncarnationFacts facts, IncarnationActions actions) {
            throw new RefusedException(reason, message);
        }
    }
}
