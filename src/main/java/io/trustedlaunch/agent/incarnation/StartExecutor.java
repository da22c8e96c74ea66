package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.Requeue;
import io.trustedlaunch.agent.incarnation.plan.StartActions;
import io.trustedlaunch.agent.incarnation.plan.StartSource;
import io.trustedlaunch.agent.incarnation.plan.Waiting;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.EpochProgress;
import io.trustedlaunch.api.incarnation.EpochProgress.Reached;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.util.Optional;

final class StartExecutor implements StartActions {
    private final Preparation preparation;
    private final ArrivalPreparation arrivals;
    private final GuestResumption resumption;
    private final ArrivalResumption arrived;
    private final GuestWatch watch;
    private final GuestStates states;
    private final Ownership.Reader owners;
    private final VmRecordStore records;
    private final Failpoints failpoints;

    StartExecutor(
            Preparation preparation,
            ArrivalPreparation arrivals,
            GuestResumption resumption,
            ArrivalResumption arrived,
            GuestWatch watch,
            GuestStates states,
            Ownership.Reader owners,
            VmRecordStore records,
            Failpoints failpoints) {
        this.preparation = preparation;
        this.arrivals = arrivals;
        this.resumption = resumption;
        this.arrived = arrived;
        this.watch = watch;
        this.states = states;
        this.owners = owners;
        this.records = records;
        this.failpoints = failpoints;
    }

    @Override
    public void recordEpoch(IncarnationFacts facts, EpochProgress seen) {
        Optional<Ownership.Found> vm = owners.require(facts.spec().vmRef());
        EpochProgress known = ofThisNode(facts, seen)
                .and(vm.map(found -> EpochProgress.onRecord(found.vm(), facts.spec()))
                        .orElse(EpochProgress.NOTHING));
        Optional<GuestStateVersion> lastState = facts.reportedLastState()
                .filter(last -> last.epoch() == facts.epoch())
                .or(() -> vm.flatMap(Ownership.Found::lastState).filter(last -> last.epoch() == facts.epoch()));
        records.updateOrBegin(facts.vm(), record -> {
            VmRecord begun = record.withProof(
                            facts.epoch(), Optional.ofNullable(facts.spec().proof()))
                    .withFences(facts.epoch(), facts.spec().afterFences())
                    .named(
                            facts.spec().vmRef(),
                            facts.spec().machineNow().location().path());
            VmRecord behind = caughtUp(facts, begun, known);
            VmRecord caughtUp = lastState.map(behind::knowing).orElse(behind);
            // A domain names the epoch of its working copy; a working copy without a domain does not.
            return facts.domain()
                    .map(DomainInfo::epoch)
                    .map(there -> record.progress(there).isAtLeast(Reached.SEEN)
                            ? caughtUp.withCopyOf(there)
                            : caughtUp.withCopyOf(there).resumed(there))
                    .orElse(caughtUp);
        });
        failpoints.reached(Failpoint.AGENT_EPOCH_RECORDED);
    }

    /** A claim of its epoch that another node has made says nothing of it. */
    private EpochProgress ofThisNode(IncarnationFacts facts, EpochProgress seen) {
        return !seen.equals(facts.shown()) && states.isClaimedElsewhere(facts) ? facts.shown() : seen;
    }

    /** Files for a guest that is to arrive may be incomplete if they are not on record: it is not waited for. */
    private VmRecord caughtUp(IncarnationFacts facts, VmRecord begun, EpochProgress known) {
        long epoch = facts.epoch();
        VmRecord record = known.assumed().hasRun() ? begun.resumed(epoch).withoutCopiedDisks(epoch) : begun;
        boolean isForgotten =
                known.isAtLeast(Reached.PREPARED) && !record.progress(epoch).isAtLeast(Reached.PREPARED);
        Optional<Exit> exit = facts.reportedExit()
                .or(() -> isForgotten ? Optional.of(Exit.NeverRan) : Optional.empty())
                .filter(over -> record.of(epoch).exit().isEmpty());
        if (exit.isPresent()) {
            return record.withEnd(epoch, exit.get());
        }
        // States in the home may name the claimant that is on record; one that has begun is not another.
        return known.isAtLeast(Reached.PREPARED) || record.of(epoch).claimant().isPresent()
                ? record
                : record.withClaimant(epoch, states.newClaimant(facts));
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
