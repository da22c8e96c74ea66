package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.Requeue;
import io.trustedlaunch.agent.incarnation.plan.StartActions;
import io.trustedlaunch.agent.incarnation.plan.StartSource;
import io.trustedlaunch.agent.incarnation.plan.Waiting;
import io.trustedlaunch.agent.incarnation.plan.WorkingCopyState;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.util.Optional;

final class StartExecutor implements StartActions {
    private final Preparation preparation;
    private final ArrivalPreparation arrivals;
    private final GuestResumption resumption;
    private final ArrivedGuests arrived;
    private final GuestWatch watch;
    private final GuestStates states;
    private final RecordedRuns runs;
    private final VmRecordStore records;
    private final Failpoints failpoints;

    StartExecutor(
            Preparation preparation,
            ArrivalPreparation arrivals,
            GuestResumption resumption,
            ArrivedGuests arrived,
            GuestWatch watch,
            GuestStates states,
            RecordedRuns runs,
            VmRecordStore records,
            Failpoints failpoints) {
        this.preparation = preparation;
        this.arrivals = arrivals;
        this.resumption = resumption;
        this.arrived = arrived;
        this.watch = watch;
        this.states = states;
        this.runs = runs;
        this.records = records;
        this.failpoints = failpoints;
    }

    @Override
    public void recordEpoch(IncarnationFacts facts, boolean ran) {
        boolean begun = (ran && !neverRanHere(facts)) || runs.hasBegun(facts);
        // A domain names the epoch of its working copy; a working copy without a domain does not.
        Optional<Long> there = facts.domain().map(DomainInfo::epoch);
        long last = there.orElse(facts.epoch());
        records.updateOrBegin(facts.vm(), record -> {
            VmRecord seen = record.withProof(
                            facts.epoch(), Optional.ofNullable(facts.spec().proof()))
                    .withFences(facts.epoch(), facts.spec().afterFences())
                    .named(
                            facts.spec().vmRef(),
                            facts.spec().machine().location().path());
            // Not known to be whole.
            VmRecord withRun = begun ? seen.resumed(last).withoutCopiedDisks(last) : withClaimant(facts, seen, there);
            return there.map(withRun::withCopyOf).orElse(withRun);
        });
        failpoints.reached(Failpoint.AGENT_EPOCH_RECORDED);
    }

    /** Nothing of it is here, and another node has claimed the home for its epoch. */
    private boolean neverRanHere(IncarnationFacts facts) {
        boolean reportedTpm =
                facts.reported().map(VMIncarnationStatus::ekDigest).isPresent();
        return facts.domain().isEmpty()
                && facts.workingCopy() == WorkingCopyState.NONE
                && !reportedTpm
                && states.isClaimedElsewhere(facts);
    }

    /**
     * States in the home may name the one that is on record. One whose domain is here has begun before, and may have claimed the
     * home: the record was lost.
     */
    private VmRecord withClaimant(IncarnationFacts facts, VmRecord record, Optional<Long> domain) {
        boolean isKnown = record.of(facts.epoch()).claimant().isPresent();
        return isKnown || domain.equals(Optional.of(facts.epoch()))
                ? record
                : record.withClaimant(facts.epoch(), states.newClaimant(facts));
    }

    @Override
    public Optional<Waiting> prepare(IncarnationFacts facts, StartSource source) {
        return preparation.prepare(facts, source);
    }

    @Override
    public Requeue resume(IncarnationFacts facts) {
        return resumption.resume(facts);
    }

    @Override
    public boolean resumeIfDisksHaveSpace(IncarnationFacts facts) {
        return resumption.resumeIfDisksHaveSpace(facts);
    }

    @Override
    public void prepareArrival(IncarnationFacts facts) {
        arrivals.prepare(facts);
    }

    @Override
    public void anticipateArrival(IncarnationFacts facts) {
        arrived.prepare(facts);
    }

    @Override
    public void resumeArrived(IncarnationFacts facts) {
        arrived.resume(facts);
    }

    @Override
    public Requeue watch(IncarnationFacts facts) {
        return watch.watch(facts);
    }

    @Override
    public boolean opens(IncarnationFacts facts, GuestStateVersion found) {
        return states.opens(facts, found);
    }

    @Override
    public RefusedException refusalOfLaterState(IncarnationFacts facts, GuestStateVersion found) {
        return states.refusalOfLaterEpoch(facts, found);
    }

    @Override
    public RefusedException refusalOfUnknownClaim(IncarnationFacts facts, GuestStateVersion found) {
        return states.refusalOfUnknownClaim(facts, found);
    }
}
