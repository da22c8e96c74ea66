package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.folder.Entry;
import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.Requeue;
import io.trustedlaunch.agent.incarnation.plan.StopActions;
import io.trustedlaunch.agent.incarnation.record.ArrivalRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.report.IncarnationStatus;
import io.trustedlaunch.agent.incarnation.report.StatusReporter;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

final class StopExecutor implements StopActions {
    private static final Logger LOG = LoggerFactory.getLogger(StopExecutor.class);

    private static final Duration UNTIL_SEALED = Duration.ofSeconds(5);
    /** The files of this incarnation outside of the folder are removed nevertheless. */
    private static final Set<Reason> FOLDER_OF_ANOTHER =
            EnumSet.of(Reason.HomeClaimedElsewhere, Reason.HomeOfLaterEpoch);

    private final Hypervisor hypervisor;
    private final GuestStates states;
    private final Ownership.Reader owners;
    private final SeedDisc seeds;
    private final Disks disks;
    private final ConsoleLogs consoleLogs;
    private final VmRecordStore records;
    private final Migrations migrations;
    private final FolderAccess folders;
    private final StatusReporter reporter;
    private final Failpoints failpoints;

    StopExecutor(
            Hypervisor hypervisor,
            GuestStates states,
            Ownership.Reader owners,
            SeedDisc seeds,
            Disks disks,
            ConsoleLogs consoleLogs,
            VmRecordStore records,
            Migrations migrations,
            FolderAccess folders,
            StatusReporter reporter,
            Failpoints failpoints) {
        this.hypervisor = hypervisor;
        this.states = states;
        this.owners = owners;
        this.seeds = seeds;
        this.disks = disks;
        this.consoleLogs = consoleLogs;
        this.records = records;
        this.migrations = migrations;
        this.folders = folders;
        this.reporter = reporter;
        this.failpoints = failpoints;
    }

    @Override
    public void pressPowerButton(IncarnationFacts facts, Instant requested) {
        if (facts.own().shutdownRequested().filter(requested::equals).isEmpty()) {
            records.update(facts.vm(), record -> record.withShutdown(facts.epoch(), requested));
        }
        hypervisor.requestShutdown(facts.vm());
        failpoints.reached(Failpoint.AGENT_SHUTDOWN_REQUESTED);
    }

    @Override
    public void cutPower(IncarnationFacts facts, Exit exit) {
        recordEnd(facts, facts.domain().map(DomainInfo::epoch).orElse(facts.epoch()), exit);
        hypervisor.destroy(facts.vm());
    }

    @Override
    public void recordEnd(IncarnationFacts facts, Exit exit) {
        recordEnd(facts, facts.epoch(), exit);
        migrations.abortIncoming(facts.vm());
    }

    /** That its guest has left its source counts for good: the source may rely on it. */
    private void recordEnd(IncarnationFacts facts, long epoch, Exit exit) {
        boolean left = epoch == facts.epoch() && facts.guestHasLeftSource();
        if (records.lookUp(facts.vm()).found().isPresent()) {
            records.update(facts.vm(), record -> {
                VmRecord ended = record.withEnd(epoch, exit);
                return left ? ended.withLeftSource(epoch) : ended;
            });
        }
    }

    /** If it fails for an earlier incarnation, this one's start is refused; otherwise this one is still stopping. */
    @Override
    public Requeue sealLastState(IncarnationFacts facts, long epoch) {
        IncarnationStatus statuses = new IncarnationStatus(facts.incarnation());
        try {
            if (!states.hasWatched(facts.vm(), epoch)) {
                learnLastState(facts, epoch);
                if (!records.require(facts.vm()).unsealedCopy().equals(Optional.of(epoch))) {
                    return Requeue.now();
                }
            }
            // Reported before it is sealed, because afterwards the change cannot be seen any more.
            states.sealLastState(
                    facts,
                    epoch,
                    lastWatched -> reporter.report(
                            facts.incarnation(), statuses.changedUnwatched(epoch, lastWatched, facts.now())));
            return Requeue.now();
        } catch (RefusedException e) {
            if (epoch != facts.epoch() && facts.spec().desiredState() == DesiredState.Running) {
                throw e;
            }
            reporter.report(facts.incarnation(), statuses.stopping(e.reason(), e.getMessage()));
            return Requeue.after(UNTIL_SEALED);
        }
    }

    private void learnLastState(IncarnationFacts facts, long epoch) {
        Optional<GuestStateVersion> remembered = records.require(facts.vm()).newest();
        lastState(epoch, facts, remembered, () -> owners.require(facts.spec().vmRef()))
                .ifPresent(last -> records.update(facts.vm(), record -> record.knowing(last)));
    }

    /**
     * A working copy from before a last state that is on record is no newer one. Any state on record that this node does not
     * remember to have sealed counts as the last one, too: its disk was set back. A state of another epoch says nothing.
     *
     * @param epoch of the incarnation that has left the working copy
     */
    static Optional<GuestStateVersion> lastState(
            long epoch,
            IncarnationFacts facts,
            Optional<GuestStateVersion> remembered,
            Supplier<Optional<Ownership.Found>> owner) {
        Predicate<GuestStateVersion> isOfEpoch = state -> state.epoch() == epoch;
        Predicate<GuestStateVersion> isLast = isOfEpoch.and(state -> isForgotten(state, remembered));
        return facts.reportedLastState()
                .filter(isOfEpoch)
                .or(() -> facts.reportedState().filter(isLast))
                .or(() -> owner.get()
                        .flatMap(vm -> vm.lastState()
                                .filter(isOfEpoch)
                                .or(() -> vm.floor().filter(isLast))));
    }

    private static boolean isForgotten(GuestStateVersion onRecord, Optional<GuestStateVersion> remembered) {
        return remembered.filter(known -> known.compareTo(onRecord) >= 0).isEmpty();
    }

    @Override
    public void eraseWorkingCopy(IncarnationFacts facts) {
        states.eraseWorkingCopy(facts.vm());
        failpoints.reached(Failpoint.AGENT_COPY_ERASED);
    }

    @Override
    public void setWorkingCopyAside(IncarnationFacts facts) {
        states.setWorkingCopyAside(facts.vm());
    }

    @Override
    public void removeSeed(IncarnationFacts facts) {
        failpoints.reached(Failpoint.AGENT_DOMAIN_GONE);
        seeds.remove(facts.vm());
    }

    /** The guest stayed where it was. */
    @Override
    public void removeCopiedDisks(IncarnationFacts facts) {
        records.require(facts.vm())
                .of(facts.epoch())
                .arrival()
                .flatMap(ArrivalRecord::copiedTo)
                .ifPresent(location -> {
                    try (Permit permit = folders.gate().toSettle(new VmFolder(Path.of(location), facts.vm()))) {
                        disks.eraseTransfer(permit, facts.epoch());
                    }
                });
        failpoints.reached(Failpoint.TARGET_COPIES_REMOVED);
        records.update(facts.vm(), record -> record.withoutCopiedDisks(facts.epoch()));
    }

    @Override
    public void keepCopiedDisks(IncarnationFacts facts) {
        try (Permit permit = folders.gate().toSettle(facts.homeFolder())) {
            disks.keepCopy(permit, facts.epoch());
        }
    }

    /** The state goes first: without it, the rest of the disks is of no use. */
    @Override
    public Requeue erase(IncarnationFacts facts, Exit exit) {
        return switch (folders.toErase(facts)) {
            case Entry.Granted(Permit permit) -> {
                try (permit) {
                    erase(facts, exit, () -> disks.erase(permit));
                }
                yield Requeue.now();
            }
            case Entry.Superseded(Problem problem)
            when FOLDER_OF_ANOTHER.contains(problem.reason()) -> {
                LOG.warn("VM {}: its files stay: {}", facts.vm(), problem.message());
                erase(facts, exit, () -> {});
                yield Requeue.now();
            }
            case Entry.Awaited awaited -> Requeue.after(UNTIL_SEALED);
            case Entry.Refused(Problem problem) -> throw new RefusedException(problem);
            case Entry.Superseded superseded -> {
                reporter.report(facts.incarnation(), new IncarnationStatus(facts.incarnation()).superseded(exit));
                yield Requeue.atResync();
            }
        };
    }

    private void erase(IncarnationFacts facts, Exit exit, Runnable eraseFolder) {
        removeSeed(facts);
        states.eraseWorkingCopy(facts.vm());
        failpoints.reached(Failpoint.AGENT_STATE_ERASED);
        eraseFolder.run();
        consoleLogs.remove(facts.vm());
        failpoints.reached(Failpoint.AGENT_DISKS_ERASED);
        records.update(facts.vm(), record -> record.erased(facts.epoch(), exit));
    }
}
