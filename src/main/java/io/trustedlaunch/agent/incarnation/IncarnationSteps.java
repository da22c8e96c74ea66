package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper.Sealed;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper.Sight;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper.Trouble;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.IpAddress;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.imagecopy.Images.Finding.Awaited;
import io.trustedlaunch.agent.incarnation.migration.MigrationSteps;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.AbortMove;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.AllowPause;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.AwaitGuest;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.AwaitWord;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ClearFolder;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.CutPower;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Depart;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Erase;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.EraseCopy;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.HandOver;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.LetRun;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Prepare;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.PressPowerButton;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Receive;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Refuse;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RefuseLater;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RememberEnd;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RememberEpoch;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RememberLeft;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RememberStayed;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RemoveCopies;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ResumeAfterMove;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ResumeIfDisksHaveRoom;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SealLast;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SetCopyAside;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.StandBack;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.TakeOver;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.TellEnded;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.TellErased;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.TellLeft;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.TellPaused;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.TellStayed;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.TellUnderway;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Watch;
import io.trustedlaunch.agent.incarnation.plan.Next;
import io.trustedlaunch.agent.incarnation.plan.Next.Again;
import io.trustedlaunch.agent.incarnation.plan.Next.LookAfter;
import io.trustedlaunch.agent.incarnation.plan.StartSource;
import io.trustedlaunch.agent.incarnation.record.RecordLookup;
import io.trustedlaunch.agent.incarnation.record.StateRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.report.IncarnationStatus;
import io.trustedlaunch.agent.incarnation.report.StatusReporter;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.agent.incarnation.state.IncarnationEnd;
import io.trustedlaunch.agent.incarnation.state.WorkingCopies;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Carries out one step. All of them may be repeated. */
final class IncarnationSteps {
    private static final Duration UNTIL_ADDRESSES = Duration.ofSeconds(5);
    private static final Duration UNTIL_RECEIVED = Duration.ofSeconds(1);
    private static final Duration UNTIL_IMAGE = Duration.ofSeconds(5);
    private static final Duration UNTIL_SEALED = Duration.ofSeconds(5);
    private static final Duration BETWEEN_PRESSES = Duration.ofSeconds(10);

    private final Preparation preparation;
    private final ArrivalPreparation arrivals;
    private final GuestResumption resumption;
    private final ArrivedGuests arrived;
    private final WorkingCopies copies;
    private final GuestStates states;
    private final GuestStateKeeper keeper;
    private final VmRecordStore records;
    private final Hypervisor hypervisor;
    private final Migrations migrations;
    private final IncarnationEnd ending;
    private final MigrationSteps moves;
    private final StatusReporter teller;
    private final Failpoints failpoints;

    IncarnationSteps(
            Preparation preparation,
            ArrivalPreparation arrivals,
            GuestResumption resumption,
            ArrivedGuests arrived,
            WorkingCopies copies,
            GuestStates states,
            GuestStateKeeper keeper,
            VmRecordStore records,
            Hypervisor hypervisor,
            Migrations migrations,
            IncarnationEnd ending,
            MigrationSteps moves,
            StatusReporter teller,
            Failpoints failpoints) {
        this.preparation = preparation;
        this.arrivals = arrivals;
        this.resumption = resumption;
        this.arrived = arrived;
        this.copies = copies;
        this.states = states;
        this.keeper = keeper;
        this.records = records;
        this.hypervisor = hypervisor;
        this.migrations = migrations;
        this.ending = ending;
        this.moves = moves;
        this.teller = teller;
        this.failpoints = failpoints;
    }

    Next carryOut(IncarnationFacts facts, IncarnationStep step) {
        states.notice(facts);
        return switch (step) {
            case RememberEpoch(boolean ran) -> rememberEpoch(facts, ran);
            case Prepare(StartSource source) -> prepare(facts, source);
            case LetRun letRun -> {
                resumption.resume(facts);
                yield new Again();
            }
            case Watch watch -> watch(facts);
            case TellPaused(String message) -> {
                teller.tell(facts.incarnation(), new IncarnationStatus(facts.incarnation()).paused(message));
                yield new LookAfter(Next.RESYNC);
            }
            case ResumeIfDisksHaveRoom(String message) -> {
                if (resumption.resumeIfDisksHaveRoom(facts)) {
                    yield new Again();
                }
                teller.tell(facts.incarnation(), new IncarnationStatus(facts.incarnation()).paused(message));
                yield new LookAfter(Next.RESYNC);
            }
            case AwaitWord(Duration delay) -> new LookAfter(delay);
            case RememberEnd(var exit) -> {
                ending.rememberEnd(facts.vm(), facts.epoch(), exit);
                migrations.cutOff(facts.vm());
                yield new Again();
            }
            case SealLast(long epoch) -> sealLast(facts, epoch);
            case EraseCopy eraseCopy -> {
                ending.eraseCopy(facts.vm());
                yield new Again();
            }
            case SetCopyAside setAside -> {
                ending.setCopyAside(facts.vm());
                yield new Again();
            }
            case TellEnded(var exit, boolean complete) -> {
                ending.clear(facts.vm());
                teller.tell(
                        facts.incarnation(),
                        new IncarnationStatus(facts.incarnation())
                                .ended(exit, facts.newestKnown(), complete, facts.now()));
                failpoints.reached(Failpoint.AGENT_STOP_REPORTED);
                yield new LookAfter(Next.RESYNC);
            }
            case PressPowerButton(Instant deadline) -> pressPowerButton(facts, deadline);
            case CutPower(var exit) -> {
                ending.cutPower(facts, exit);
                yield new Again();
            }
            case Erase(var exit) -> {
                ending.erase(facts, exit);
                yield new Again();
            }
            case TellErased(var exit) -> {
                teller.tell(facts.incarnation(), new IncarnationStatus(facts.incarnation()).erased(exit));
                failpoints.reached(Failpoint.AGENT_ERASE_REPORTED);
                yield new LookAfter(Next.RESYNC);
            }
            case StandBack(var exit) -> {
                teller.tell(facts.incarnation(), new IncarnationStatus(facts.incarnation()).superseded(exit));
                yield new LookAfter(Next.RESYNC);
            }
            case Receive receive -> receive(facts);
            case AwaitGuest awaitGuest -> {
                arrived.prepare(facts);
                teller.tell(
                        facts.incarnation(),
                        new IncarnationStatus(facts.incarnation()).receiving("the guest comes, or stands still here"));
                yield new LookAfter(facts.underway().isPresent() ? UNTIL_RECEIVED : Next.RESYNC);
            }
            case TakeOver takeOver -> {
                arrived.resume(facts);
                yield new Again();
            }
            case Depart(Migration move, MigrationOptions manner) -> moves.depart(facts, move, manner);
            case AllowPause(Duration pause) -> moves.allowPause(facts, pause);
            case TellUnderway(long epoch, String nodeName, Optional<MigrationProgress> progress) -> {
                IncarnationStatus statuses = new IncarnationStatus(facts.incarnation());
                yield moves.tellUnderway(facts, statuses.running(List.of(), keep(facts)), epoch, nodeName, progress);
            }
            case AbortMove abortMove -> moves.abort(facts);
            case ResumeAfterMove resume -> moves.resume(facts);
            case RememberStayed stayed -> moves.rememberStayed(facts, stayed);
            case TellStayed stayed -> moves.tellStayed(facts, stayed);
            case RememberLeft(long epoch) -> moves.rememberLeft(facts, epoch);
            case TellLeft(long epoch, String nodeName) -> moves.tellLeft(facts, epoch, nodeName);
            case HandOver(Migration move) -> moves.handOver(facts, move);
            case ClearFolder clearFolder -> moves.clearFolder(facts);
            case RemoveCopies removeCopies -> moves.removeCopies(facts);
            case RefuseLater(var found) -> throw states.ofLaterEpoch(facts, found);
            case Refuse(var reason, String message) -> throw new RefusedException(reason, message);
        };
    }

    /** What the VM waits for is no fault of its own: its agent is woken when the image is there, and does not rest. */
    private Next prepare(IncarnationFacts facts, StartSource source) {
        Optional<Awaited> awaited = preparation.prepare(facts, source);
        awaited.flatMap(Awaited::word)
                .ifPresent(word -> teller.tell(
                        facts.incarnation(),
                        new IncarnationStatus(facts.incarnation()).hindered(word.reason(), word.message())));
        return awaited.isPresent() ? new LookAfter(UNTIL_IMAGE) : new Again();
    }

    private Next receive(IncarnationFacts facts) {
        arrivals.prepare(facts);
        teller.tell(
                facts.incarnation(),
                new IncarnationStatus(facts.incarnation())
                        .receiving("ready for the guest from node "
                                + facts.spec().arrival().nodeName()));
        failpoints.reached(Failpoint.TARGET_RECEIVING_REPORTED);
        return new LookAfter(Next.RESYNC);
    }

    private Next rememberEpoch(IncarnationFacts facts, boolean ran) {
        if (facts.memory() instanceof RecordLookup.Damaged) {
            records.setAside(facts.vm());
        }
        VmRecord seen = facts.memory()
                .known()
                .map(record -> record.seen(facts.epoch()))
                .orElseGet(() -> VmRecord.firstSeen(facts.epoch()));
        VmRecord now = ran ? seen.resumed(facts.epoch()) : seen;
        // A domain says whose the working copy is; of one that merely lies there, nobody knows.
        StateRecord state = facts.domain()
                .map(domain -> now.state().withCopyOf(domain.epoch()))
                .orElse(now.state());
        records.remember(facts.vm(), now.withState(state));
        failpoints.reached(Failpoint.AGENT_EPOCH_REMEMBERED);
        return new Again();
    }

    /** Where it stands in the way of a start, that is told as what it is; where it is an end, the life is not over. */
    private Next sealLast(IncarnationFacts facts, long epoch) {
        try {
            // Told before it is sealed: afterwards nobody could tell any more that it was changed.
            states.sealLast(
                    facts,
                    epoch,
                    lastWatched -> teller.tell(
                            facts.incarnation(),
                            new IncarnationStatus(facts.incarnation())
                                    .changedUnwatched(epoch, lastWatched, facts.now())));
            return new Again();
        } catch (RefusedException e) {
            if (epoch != facts.epoch() && facts.spec().desiredState() == DesiredState.Running) {
                throw e;
            }
            teller.tell(
                    facts.incarnation(),
                    new IncarnationStatus(facts.incarnation()).stopping(e.reason(), e.getMessage()));
            return new LookAfter(UNTIL_SEALED);
        }
    }

    private Next pressPowerButton(IncarnationFacts facts, Instant deadline) {
        ending.pressPowerButton(facts, deadline);
        Duration left = Duration.between(facts.now(), deadline);
        return new LookAfter(left.compareTo(BETWEEN_PRESSES) < 0 ? left : BETWEEN_PRESSES);
    }

    /** A guest that has just begun to run has no address yet, and is told of at once. */
    private Next watch(IncarnationFacts facts) {
        IncarnationStatus statuses = new IncarnationStatus(facts.incarnation());
        Optional<Sight> sealing = keep(facts);
        if (!facts.toldRunning()) {
            boolean toldOfKey = facts.told().map(VMIncarnationStatus::ekDigest).isPresent();
            teller.tell(
                    facts.incarnation(),
                    facts.spec().arrival() == null || toldOfKey
                            ? statuses.running(List.of(), sealing)
                            : statuses.takenOver(copies.probe(facts), newest(facts, sealing)));
            failpoints.reached(Failpoint.AGENT_RUNNING_REPORTED);
            return new LookAfter(UNTIL_ADDRESSES);
        }
        List<IpAddress> addresses = hypervisor.addresses(facts.vm());
        teller.tellRunning(facts.incarnation(), statuses.running(addresses, sealing), facts.now());
        List<Nic> nics = Optional.ofNullable(facts.spec().machine().nics()).orElse(List.of());
        return new LookAfter(nics.isEmpty() || !addresses.isEmpty() ? Next.RESYNC : UNTIL_ADDRESSES);
    }

    private static Optional<Sealed> newest(IncarnationFacts facts, Optional<Sight> sealing) {
        return sealing.flatMap(Sight::newest)
                .or(() -> facts.newestKnown().map(version -> new Sealed(version, facts.now(), Optional.empty())));
    }

    /** A guest that runs is not stopped because its state cannot be kept; that is told. */
    private Optional<Sight> keep(IncarnationFacts facts) {
        try {
            states.keep(facts);
            states.keepEscrow(facts);
            return keeper.sight(facts.vm());
        } catch (RefusedException e) {
            return Optional.of(new Sight(Optional.empty(), Optional.of(new Trouble(e.reason(), e.getMessage()))));
        }
    }
}
