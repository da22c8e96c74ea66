package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.AbortMigration;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.AllowPause;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ClearFolder;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.CutPower;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.EraseWorkingCopy;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.HandOver;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordLeft;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordStayed;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportLeft;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportStayed;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportUnderway;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ResumeAfterMigration;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SealLastState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.StartMigration;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Wait;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord.Departure;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord.Folder;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.migration.Convergence;
import io.trustedlaunch.agent.migration.Convergence.Verdict.GiveUp;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.agent.migration.Migrations.Course;
import io.trustedlaunch.agent.migration.Peer;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import java.time.Duration;
import java.util.Optional;

/**
 * How a guest goes to another host. While its domain is here, it is this host's; once it has gone by migration, and that
 * is remembered, it is the other one's. Nothing else decides, and nobody else.
 */
public final class DeparturePlanner {
    private static final Duration UNTIL_REMOVED = Duration.ofSeconds(1);

    private final IncarnationFacts facts;
    private final VmRecord record;

    private DeparturePlanner(IncarnationFacts facts, VmRecord record) {
        this.facts = facts;
        this.record = record;
    }

    /** Empty: no move of this life's guest is asked for, or it is over and told. */
    static Optional<IncarnationStep> plan(IncarnationFacts facts) {
        return facts.record()
                .found()
                .filter(record -> !record.erased())
                .flatMap(record -> new DeparturePlanner(facts, record).plan());
    }

    private Optional<IncarnationStep> plan() {
        Optional<Departure> departure = record.departureFrom(facts.epoch());
        return departure.isEmpty() ? wish() : known(departure.get());
    }

    private Optional<IncarnationStep> known(Departure departure) {
        return switch (departure.course()) {
            case Underway -> Optional.of(underway(departure));
            case Left -> left(departure);
            case Stayed -> stayed(departure);
        };
    }

    /** What is asked for is begun once, or never. */
    private Optional<IncarnationStep> wish() {
        VMIncarnationSpec.Departure wish = facts.spec().departure();
        if (wish == null || facts.superseded()) {
            return Optional.empty();
        }
        if (wish.cancelled() || !facts.shouldRun()) {
            return Optional.of(staysUnbegun(wish, "it was taken back before it began"));
        }
        if (!IncarnationPlanner.runs(facts) || !facts.wasResumed(facts.epoch())) {
            return Optional.of(staysUnbegun(wish, "the guest does not run"));
        }
        return Optional.of(new StartMigration(new Migration(facts.vm(), wish.epoch(), peer(wish)), manner(wish)));
    }

    private static MigrationOptions manner(VMIncarnationSpec.Departure wish) {
        return new MigrationOptions(
                pace(wish).bandwidthMebibytesPerSecond(), limits(wish).firstPause(), wish.copiesDisks());
    }

    /** What the move may cost. */
    public static Convergence.Limits limits(VMIncarnationSpec.Departure wish) {
        return new Convergence.Limits(
                Duration.ofMillis(pace(wish).longestPauseMilliseconds()),
                pace(wish).passesWithoutProgress());
    }

    private static Pace pace(VMIncarnationSpec.Departure wish) {
        return wish.pace() == null ? Pace.DEFAULT : wish.pace();
    }

    private Optional<IncarnationStep> stayed(Departure departure) {
        if (standsAfterMove()) {
            return Optional.of(new ResumeAfterMigration());
        }
        boolean told = facts.reported()
                .map(VMIncarnationStatus::departure)
                .filter(answer ->
                        answer.epoch() == departure.epoch() && answer.course() == VMIncarnationStatus.Course.Stayed)
                .isPresent();
        VMIncarnationSpec.Departure wish = facts.spec().departure();
        if (wish != null && wish.epoch() > departure.epoch()) {
            return wish();
        }
        return wish == null || told
                ? Optional.empty()
                : Optional.of(new ReportStayed(
                        departure.epoch(), departure.nodeName(), departure.reason(), departure.message()));
    }

    private IncarnationStep underway(Departure departure) {
        return facts.domain().isPresent() ? here(departure, facts.domain().get()) : gone(departure);
    }

    private IncarnationStep gone(Departure departure) {
        boolean migrated = facts.lastStop() == StopReason.MIGRATED || facts.course() instanceof Course.Gone;
        if (migrated) {
            return new RecordLeft(departure.epoch());
        }
        boolean wordMayCome = facts.lastStop() == StopReason.UNKNOWN
                && facts.goneSince()
                        .map(since -> facts.now().isBefore(since.plus(IncarnationPlanner.WORD_COMES_WITHIN)))
                        .orElse(true);
        return wordMayCome
                ? new Wait(IncarnationPlanner.WORD_COMES_WITHIN)
                : stays(departure, "the guest ended on this node while it was to be moved");
    }

    private IncarnationStep here(Departure departure, DomainInfo domain) {
        if (facts.course() instanceof Course.Gone) {
            // What is still to be seen of it is being removed.
            return new Wait(UNTIL_REMOVED);
        }
        if (facts.course() instanceof Course.Underway) {
            return isWanted(departure) ? onItsWay(departure) : new AbortMigration();
        }
        if (facts.underway().isPresent()) {
            return new AbortMigration();
        }
        if (domain.state() instanceof DomainState.Paused(DomainState.PauseReason reason) && isOfAMove(reason)) {
            return new ResumeAfterMigration();
        }
        return facts.convergence() instanceof GiveUp(String why)
                ? stays(departure, Reason.MigrationNotConverging, why)
                : stays(departure, why());
    }

    private IncarnationStep onItsWay(Departure departure) {
        return switch (facts.convergence()) {
            case Convergence.Verdict.GoOn goOn ->
                new ReportUnderway(departure.epoch(), departure.nodeName(), facts.underway());
            case Convergence.Verdict.AllowPause(Duration pause) -> new AllowPause(pause);
            case GiveUp giveUp -> new AbortMigration();
        };
    }

    private boolean standsAfterMove() {
        return facts.underway().isEmpty()
                && facts.domain()
                        .filter(domain ->
                                domain.state().equals(new DomainState.Paused(DomainState.PauseReason.MIGRATION)))
                        .isPresent();
    }

    private boolean isWanted(Departure departure) {
        VMIncarnationSpec.Departure wish = facts.spec().departure();
        return facts.shouldRun() && wish != null && wish.epoch() == departure.epoch() && !wish.cancelled();
    }

    private static boolean isOfAMove(DomainState.PauseReason reason) {
        return switch (reason) {
            case MIGRATION, STARTING, OTHER -> true;
            case REQUESTED, IO_ERROR, CRASHED -> false;
        };
    }

    private String why() {
        return facts.course() instanceof Course.Failed(String why)
                ? why
                : "the agent was restarted while the guest moved";
    }

    /** libvirt lists a domain until it has said good-bye to the other host, which may be out of reach. */
    private boolean hasPower(DomainInfo there) {
        return there.epoch() == facts.epoch() && !(there.state() instanceof DomainState.ShutOff);
    }

    private static IncarnationStep staysUnbegun(VMIncarnationSpec.Departure wish, String why) {
        return new RecordStayed(wish.epoch(), wish.nodeName(), Reason.MigrationFailed, why);
    }

    private static IncarnationStep stays(Departure departure, String why) {
        return stays(departure, Reason.MigrationFailed, why);
    }

    private static IncarnationStep stays(Departure departure, Reason reason, String why) {
        return new RecordStayed(departure.epoch(), departure.nodeName(), reason, why);
    }

    /** Never let run again. It is told for as long as the life is wanted; then the copy goes, since it is another's now. */
    private Optional<IncarnationStep> left(Departure departure) {
        if (facts.domain().filter(this::hasPower).isPresent()) {
            return Optional.of(new CutPower(Exit.Migrated));
        }
        boolean told = facts.reported()
                .map(VMIncarnationStatus::departure)
                .filter(answer ->
                        answer.epoch() == departure.epoch() && answer.course() == VMIncarnationStatus.Course.Left)
                .isPresent();
        if (!told || facts.spec().desiredState() == DesiredState.Running) {
            return Optional.of(new ReportLeft(departure.epoch(), departure.nodeName()));
        }
        if (facts.spec().desiredState() != DesiredState.Stopped || facts.superseded()) {
            return Optional.empty();
        }
        return departure.folder() == null ? leftInSharedFolder() : leftInOwnFolder(departure, departure.folder());
    }

    private Optional<IncarnationStep> leftInSharedFolder() {
        return isTakenOverHere() && hasOwnCopy() ? Optional.of(new EraseWorkingCopy()) : Optional.empty();
    }

    private boolean isTakenOverHere() {
        return facts.home()
                .newest()
                .filter(newest -> newest.epoch() > facts.epoch())
                .isPresent();
    }

    /** What the other host has done since is not to be seen here: nothing is removed before it has said that it has all. */
    private Optional<IncarnationStep> leftInOwnFolder(Departure departure, Folder folder) {
        if (isTakenOverHere()) {
            // It has become one folder since, and is the other life's.
            return leftInSharedFolder();
        }
        if (hasOwnCopy() && record.lacksLastState() && facts.workingCopy() == WorkingCopyState.WHOLE) {
            return Optional.of(new SealLastState(facts.epoch()));
        }
        return switch (folder.stage()) {
            case Needed -> Optional.of(handOver(departure));
            case HandedOver -> Optional.of(hasOwnCopy() ? new EraseWorkingCopy() : new ClearFolder());
            case Cleared -> Optional.empty();
        };
    }

    private IncarnationStep handOver(Departure departure) {
        VMIncarnationSpec.Departure wish = facts.spec().departure();
        return wish != null && wish.epoch() == departure.epoch()
                ? new HandOver(new Migration(facts.vm(), wish.epoch(), peer(wish)))
                // Where the other agent is, only the operator knows.
                : new Wait(Requeue.RESYNC);
    }

    private boolean hasOwnCopy() {
        return record.state().copyEpoch() == facts.epoch() && facts.workingCopy() != WorkingCopyState.NONE;
    }

    private static Peer peer(VMIncarnationSpec.Departure wish) {
        return new Peer(wish.nodeName(), wish.address(), wish.port());
    }
}
