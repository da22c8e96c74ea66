package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.EpochProgress;
import java.util.Optional;

/** Starts a guest, or takes one in from another host, and watches it while it runs. */
public interface StartActions {
    void recordEpoch(IncarnationFacts facts, EpochProgress seen);

    /** Returns what is waited for; empty: the domain is there. */
    Optional<Waiting> prepare(IncarnationFacts facts, StartSource source);

    /** Waits until the VM's own status names its endorsement key. */
    Requeue resume(IncarnationFacts facts);

    /** Returns whether the disks have space, so that the guest was resumed. */
    boolean resumeIfDisksHaveSpace(IncarnationFacts facts);

    void prepareArrival(IncarnationFacts facts);

    /** Does in advance what need not wait until the guest has left its source. */
    void anticipateArrival(IncarnationFacts facts);

    void resumeArrived(IncarnationFacts facts);

    /** Reports the running guest, and keeps its state sealed. */
    Requeue watch(IncarnationFacts facts);

    /** The state in the home is the VM's own. */
    boolean opens(IncarnationFacts facts, GuestStateVersion found);

    RefusedException refusalOfLaterState(IncarnationFacts facts, GuestStateVersion found);

    RefusedException refusalOfUnknownClaim(IncarnationFacts facts, GuestStateVersion found);
}
