package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import java.time.Instant;

/** Brings an incarnation to its end, and removes what it leaves. */
public interface StopActions {
    /** @param requested when the guest was first asked to shut down */
    void pressPowerButton(IncarnationFacts facts, Instant requested);

    /** The exit is recorded first: it cannot be seen afterwards. */
    void cutPower(IncarnationFacts facts, Exit exit);

    /** Records the exit, and refuses a guest that would still arrive. */
    void recordEnd(IncarnationFacts facts, Exit exit);

    /** Seals the state that the guest of that epoch left. */
    Requeue sealLastState(IncarnationFacts facts, long epoch);

    void eraseWorkingCopy(IncarnationFacts facts);

    void setWorkingCopyAside(IncarnationFacts facts);

    /** The seed may hold passwords. */
    void removeSeed(IncarnationFacts facts);

    /** Removes the disks of a guest that did not arrive. */
    void removeCopiedDisks(IncarnationFacts facts);

    void keepCopiedDisks(IncarnationFacts facts);

    /** Removes all that the VM has on this host; if the VM has a later incarnation by now, that is reported instead. */
    Requeue erase(IncarnationFacts facts, Exit exit);
}
