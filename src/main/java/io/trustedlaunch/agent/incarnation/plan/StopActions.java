package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import java.time.Instant;

/** Brings an incarnation to its end, and removes what it leaves. */
public interface StopActions {
    void pressPowerButton(IncarnationFacts facts, Instant deadline);

    /** The exit is recorded first: it cannot be seen afterwards. */
    void cutPower(IncarnationFacts facts, Exit exit);

    void recordEnd(IncarnationFacts facts, Exit exit);

    Requeue sealLast(IncarnationFacts facts, long epoch);

    void eraseCopy(IncarnationFacts facts);

    void setCopyAside(IncarnationFacts facts);

    /** The seed may hold passwords. */
    void removeSeed(IncarnationFacts facts);

    void removeCopies(IncarnationFacts facts);

    void erase(IncarnationFacts facts, Exit exit);
}
