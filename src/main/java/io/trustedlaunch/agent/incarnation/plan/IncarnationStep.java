package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The one thing to do next for an incarnation. */
public sealed interface IncarnationStep {
    /**
     * This epoch is the highest seen; from now on no lower one starts.
     *
     * @param ran it runs, or must be taken for one that ran, so that it never starts again
     */
    record RememberEpoch(boolean ran) implements IncarnationStep {}

    /** Everything up to a paused domain. */
    record Prepare(StartSource source) implements IncarnationStep {}

    /** From the paused domain to a running guest: its home claimed, its EK on record, its ownership proved. */
    record LetRun() implements IncarnationStep {}

    /** The guest runs: tell, and look after its addresses. */
    record Watch() implements IncarnationStep {}

    /** The guest ran and stands still now. */
    record TellPaused(String message) implements IncarnationStep {}

    /** A disk could not be written, which was told: it is tried whether it can be now. */
    record ResumeIfDisksHaveRoom(String message) implements IncarnationStep {}

    /** The domain is gone, and whoever saw why may still be about to say so. */
    record AwaitWord(Duration delay) implements IncarnationStep {}

    record RememberEnd(Exit exit) implements IncarnationStep {}

    /**
     * Brings home what a guest left in the working copy, as what it is: the last state of its own life.
     *
     * @param epoch that life
     */
    record SealLast(long epoch) implements IncarnationStep {}

    /** What is in the working copy is home. */
    record EraseCopy() implements IncarnationStep {}

    /** The working copy cannot be used, and is kept for whoever wants to look into it. */
    record SetCopyAside() implements IncarnationStep {}

    /**
     * The life is over.
     *
     * @param complete nothing that is not home is left of the guest's state on this host
     */
    record TellEnded(Exit exit, boolean complete) implements IncarnationStep {}

    /** Asks the guest, again and again until the deadline. */
    record PressPowerButton(Instant deadline) implements IncarnationStep {}

    /** @param exit what is remembered of the life, before its power is cut */
    record CutPower(Exit exit) implements IncarnationStep {}

    record Erase(Exit exit) implements IncarnationStep {}

    record TellErased(Exit exit) implements IncarnationStep {}

    /** A later life is known: this one never runs, or never again. */
    record StandBack(Exit exit) implements IncarnationStep {}

    /** Everything that a guest from another host finds when it comes; it may from then on. */
    record Receive() implements IncarnationStep {}

    /** The guest is not here yet, or stands still here and may still be the other host's. */
    record AwaitGuest() implements IncarnationStep {}

    /** From a guest that has come and left there to one that runs here: its EK found again, its home claimed. */
    record TakeOver() implements IncarnationStep {}

    /** Remembers that the guest is to go, and begins to move it. */
    record Depart(Migration move, MigrationOptions manner) implements IncarnationStep {}

    /** The guest is on its way. */
    record TellUnderway(long epoch, String nodeName, Optional<MigrationProgress> progress) implements IncarnationStep {}

    /** It changes its memory fast, and may stand still longer for the last of it. */
    record AllowPause(Duration pause) implements IncarnationStep {}

    /** The guest is to stay after all, or nobody looks after its way any more: what becomes of it is seen afterwards. */
    record AbortMove() implements IncarnationStep {}

    /** It stands still where a move was given up, and is this host's. */
    record ResumeAfterMove() implements IncarnationStep {}

    /** This try is over, and the guest is this host's. */
    record RememberStayed(long epoch, String nodeName, Reason reason, String message) implements IncarnationStep {}

    record TellStayed(long epoch, String nodeName, Reason reason, String message) implements IncarnationStep {}

    /** The guest is gone by migration: never again is it this host's in this life. */
    record RememberLeft(long epoch) implements IncarnationStep {}

    /** Says so to the host that has it now, and to the operator. */
    record TellLeft(long epoch, String nodeName) implements IncarnationStep {}

    /** Brings the other host all of the home of a guest that has left, and makes sure that it knows. */
    record HandOver(Migration move) implements IncarnationStep {}

    /** What is handed over is removed here. */
    record ClearFolder() implements IncarnationStep {}

    /** Removes what was made for the disks of a guest that did not come. */
    record RemoveCopies() implements IncarnationStep {}

    /** The home holds a state of a later epoch: what it is worth decides what the user is told. */
    record RefuseLater(GuestStateVersion found) implements IncarnationStep {}

    /** It cannot go on, and the user is told why. */
    record Refuse(Reason reason, String message) implements IncarnationStep {}
}
