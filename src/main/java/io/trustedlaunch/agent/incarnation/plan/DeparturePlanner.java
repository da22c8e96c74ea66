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
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordReportedLeft;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordStayed;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportLeft;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportStayed;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportUnderway;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ResumeAfterMigration;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SealLastState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.StartMigration;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Wait;
import io.trustedlaunch.agent.incarnation.record.DepartureRecord;
import io.trustedlaunch.agent.incarnation.record.DepartureRecord.Folder;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.migration.Convergence;
import io.trustedlaunch.agent.migration.Convergence.Verdict.GiveUp;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.agent.migration.Migrations.Course;
import io.trustedlaunch.agent.migration.Peer;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import java.time.Duration;
import java.util.Optional;

/**
 * Plans how a guest leaves for another host. While its domain is here, the guest belongs to this host; once it has left
 * by migration and that is recorded, it belongs to the other. Nothing else decides this.
 */
public final class DeparturePlanner {
    private static final Duration UNTIL_DOMAIN_REMOVED = Duration.ofSeconds(1);

    /** QEMU would wait for its TPM at the end of the migration, with the guest paused. */
    private static final String NO_TPM = "the guest's TPM does not respond, so its state cannot be transferred";

    /** The other node has neither the backup nor the part that is in the memory of this QEMU. */
    private static final String STILL_FILLED =
            "the VM's disks are still filled from the backup that it was started from; migrate it once they are whole";

    private static final String CHANGING =
            "disks or cards of the guest are being changed, and the target is to have exactly what it has; migrate it after that";

    private static final String REMOVED_DISKS =
            "the VM has removed disks, which a copy of its disks to another node would leave behind: delete them with kubectl"
                    + " tlvm disk delete, or bring them back, and restart the VM";

    private final IncarnationFacts facts;
    private final VmRecord record;

    private DeparturePlanner(IncarnationFacts facts, VmRecord record) {
        this.facts = facts;
        this.record = record;
    }

    /** Empty: no migration of this guest is requested, or it is over and reported. */
    static Optional<IncarnationStep> plan(IncarnationFacts facts) {
        return facts.record()
                .found()
                // The epoch is recorded first, since that shows whether it has ended already.
                .filter(record -> record.highestEpoch() >= facts.epoch())
                .flatMap(record -> new DeparturePlanner(facts, record).plan());
    }

    private Optional<IncarnationStep> plan() {
        Optional<DepartureRecord> departure = facts.own().departure();
        return departure.isEmpty() ? requested() : recorded(departure.get());
    }

    private Optional<IncarnationStep> recorded(DepartureRecord departure) {
        return switch (departure.course()) {
            case Underway -> Optional.of(underway(departure));
            case Left -> left(departure);
            case Stayed -> stayed(departure);
        };
    }

    /** A requested migration is attempted once. */
    private Optional<IncarnationStep> requested() {
        VMIncarnationSpec.Departure request = facts.spec().departure();
        if (request == null || facts.superseded()) {
            return Optional.empty();
        }
        if (hasReportedLeft(request.epoch()) || facts.reportedExit().equals(Optional.of(Exit.Migrated))) {
            return Optional.of(new RecordReportedLeft(migration(request), request.copiesDisks()));
        }
        if (request.cancelled() || !facts.shouldRun()) {
            return Optional.of(notStarted(request, "the migration was cancelled before it started"));
        }
        if (!facts.runs() || !facts.wasResumed()) {
            return Optional.of(notStarted(request, "the guest is not running"));
        }
        if (runsWithoutTpm()) {
            return Optional.of(notStarted(request, NO_TPM));
        }
        if (facts.isFilling()) {
            return Optional.of(notStarted(request, STILL_FILLED));
        }
        if (facts.devicesAreDue()) {
            return Optional.of(notStarted(request, CHANGING));
        }
        if (request.copiesDisks() && !facts.spec().machineNow().removedDisks().isEmpty()) {
            return Optional.of(notStarted(request, REMOVED_DISKS));
        }
        return Optional.of(new StartMigration(migration(request), options(request)));
    }

    private Migration migration(VMIncarnationSpec.Departure request) {
        return new Migration(facts.vm(), request.epoch(), peer(request));
    }

    /** A record that says less is from before: the disk was set back. */
    private boolean hasReportedLeft(long epoch) {
        return facts.reported()
                .map(VMIncarnationStatus::departure)
                .filter(departed -> departed.epoch() == epoch && departed.course() == VMIncarnationStatus.Course.Left)
                .isPresent();
    }

    private static MigrationOptions options(VMIncarnationSpec.Departure request) {
        return new MigrationOptions(
                pace(request).bandwidthMebibytesPerSecond(), limits(request).firstPause(), request.copiesDisks());
    }

    /** The limits of the migration's cost for the guest. */
    public static Convergence.Limits limits(VMIncarnationSpec.Departure request) {
        return new Convergence.Limits(
                Duration.ofMillis(pace(request).longestPauseMilliseconds()),
                pace(request).passesWithoutProgress());
    }

    private static Pace pace(VMIncarnationSpec.Departure request) {
        return request.pace() == null ? Pace.DEFAULT : request.pace();
    }

    private Optional<IncarnationStep> stayed(DepartureRecord departure) {
        if (isPausedAfterMigration()) {
            return Optional.of(new ResumeAfterMigration());
        }
        VMIncarnationSpec.Departure request = facts.spec().departure();
        if (request != null && request.epoch() > departure.epoch()) {
            return requested();
        }
        // An earlier request than the last one comes from restored data: that the guest stayed later answers it, too.
        boolean reported = facts.reported()
                .map(VMIncarnationStatus::departure)
                .filter(departed ->
                        departed.epoch() == departure.epoch() && departed.course() == VMIncarnationStatus.Course.Stayed)
                .isPresent();
        return reported
                ? Optional.empty()
                : departure
                        .problem()
                        .map(problem -> new ReportStayed(departure.epoch(), departure.nodeName(), problem));
    }

    private IncarnationStep underway(DepartureRecord departure) {
        return facts.domain().isPresent() ? here(departure, facts.domain().get()) : gone(departure);
    }

    private IncarnationStep gone(DepartureRecord departure) {
        boolean migrated = facts.lastStop() == StopReason.MIGRATED
                || facts.course() instanceof Course.Gone
                || hasReportedLeft(departure.epoch());
        if (migrated) {
            return new RecordLeft(departure.epoch());
        }
        boolean eventMayCome = facts.lastStop() == StopReason.UNKNOWN
                && facts.goneSince()
                        .map(since -> facts.steady().isBefore(since.plus(IncarnationPlanner.STOP_EVENT_WITHIN)))
                        .orElse(true);
        return eventMayCome
                ? new Wait(IncarnationPlanner.STOP_EVENT_WITHIN)
                : stays(departure, "the guest ended on this node during the migration");
    }

    private IncarnationStep here(DepartureRecord departure, DomainInfo domain) {
        if (facts.course() instanceof Course.Gone) {
            // The hypervisor is removing the domain.
            return new Wait(UNTIL_DOMAIN_REMOVED);
        }
        if (facts.course() instanceof Course.Underway) {
            return isWanted(departure) && !runsWithoutTpm() ? continued(departure) : new AbortMigration();
        }
        if (facts.underway().isPresent()) {
            return new AbortMigration();
        }
        if (domain.state() instanceof DomainState.Paused(DomainState.PauseReason reason) && isMigrationPause(reason)) {
            return new ResumeAfterMigration();
        }
        return facts.convergence() instanceof GiveUp(String message)
                ? stays(departure, Reason.MigrationNotConverging, message)
                : stays(departure, failure());
    }

    private IncarnationStep continued(DepartureRecord departure) {
        return switch (facts.convergence()) {
            case Convergence.Verdict.GoOn goOn ->
                new ReportUnderway(departure.epoch(), departure.nodeName(), facts.underway());
            case Convergence.Verdict.AllowPause(Duration pause) -> new AllowPause(pause);
            case GiveUp giveUp -> new AbortMigration();
        };
    }

    private boolean isPausedAfterMigration() {
        return facts.underway().isEmpty()
                && facts.domain()
                        .filter(domain ->
                                domain.state().equals(new DomainState.Paused(DomainState.PauseReason.MIGRATION)))
                        .isPresent();
    }

    private boolean isWanted(DepartureRecord departure) {
        VMIncarnationSpec.Departure request = facts.spec().departure();
        return facts.shouldRun() && request != null && request.epoch() == departure.epoch() && !request.cancelled();
    }

    private static boolean isMigrationPause(DomainState.PauseReason reason) {
        return switch (reason) {
            case MIGRATION, STARTING, OTHER -> true;
            case REQUESTED, IO_ERROR, CRASHED -> false;
        };
    }

    /** A guest that is paused at the end of its migration waits for its TPM already, and so would an abort. */
    private boolean runsWithoutTpm() {
        return facts.runs() && facts.vtpm().isFailed();
    }

    private String failure() {
        if (facts.vtpm().isFailed()) {
            return NO_TPM;
        }
        return facts.course() instanceof Course.Failed(String message)
                ? message
                : "the agent on this node restarted during the migration";
    }

    /** libvirt lists a domain until it has closed its connection to the other host, which may be unreachable. */
    private boolean hasPower(DomainInfo there) {
        return there.epoch() == facts.epoch() && !(there.state() instanceof DomainState.ShutOff);
    }

    private static IncarnationStep notStarted(VMIncarnationSpec.Departure request, String message) {
        return new RecordStayed(request.epoch(), request.nodeName(), new Problem(Reason.MigrationFailed, message));
    }

    private static IncarnationStep stays(DepartureRecord departure, String message) {
        return stays(departure, Reason.MigrationFailed, message);
    }

    private static IncarnationStep stays(DepartureRecord departure, Reason reason, String message) {
        return new RecordStayed(departure.epoch(), departure.nodeName(), new Problem(reason, message));
    }

    /** It never runs here again. Its leaving is reported while the incarnation is wanted; then its copy is erased. */
    private Optional<IncarnationStep> left(DepartureRecord departure) {
        if (facts.domain().filter(this::hasPower).isPresent()) {
            return Optional.of(new CutPower(Exit.Migrated));
        }
        if (!hasReportedLeft(departure.epoch()) || facts.spec().desiredState() == DesiredState.Running) {
            return Optional.of(new ReportLeft(departure.epoch(), departure.nodeName()));
        }
        if (facts.spec().desiredState() != DesiredState.Stopped || facts.superseded()) {
            return Optional.empty();
        }
        return departure.folder().isEmpty()
                ? leftInSharedFolder()
                : leftInOwnFolder(departure, departure.folder().get());
    }

    private Optional<IncarnationStep> leftInSharedFolder() {
        return isTakenOverHere() && hasCopy() ? Optional.of(new EraseWorkingCopy()) : Optional.empty();
    }

    private boolean isTakenOverHere() {
        return facts.home()
                .newest()
                .filter(newest -> newest.epoch() > facts.epoch())
                .isPresent();
    }

    /** This host cannot see the other one's folder: nothing is removed before that agent has confirmed that it has all. */
    private Optional<IncarnationStep> leftInOwnFolder(DepartureRecord departure, Folder folder) {
        if (isTakenOverHere()) {
            // The two folders are the same by now, and belong to the other incarnation.
            return leftInSharedFolder();
        }
        if (facts.hasUnsealedCopy()) {
            return Optional.of(new SealLastState(facts.epoch()));
        }
        return switch (folder.stage()) {
            case Needed -> isReturned(departure) ? Optional.empty() : Optional.of(handOver(departure));
            case HandedOver -> Optional.of(hasCopy() ? new EraseWorkingCopy() : new ClearFolder());
            case Cleared -> Optional.empty();
        };
    }

    private boolean isReturned(DepartureRecord departure) {
        VMIncarnationSpec.Departure request = facts.spec().departure();
        return request != null && request.epoch() == departure.epoch() && request.returned();
    }

    private IncarnationStep handOver(DepartureRecord departure) {
        VMIncarnationSpec.Departure request = facts.spec().departure();
        return request != null && request.epoch() >= departure.epoch()
                // A later epoch than the guest left as: the VM has gone on from there.
                ? new HandOver(migration(request))
                // Only the operator knows the address of the other agent.
                : new Wait(Requeue.RESYNC);
    }

    /** Its own, or one of before that a disk which was set back brought back. */
    private boolean hasCopy() {
        return facts.workingCopy() != WorkingCopyState.NONE
                && record.copyOwner().filter(owner -> owner > facts.epoch()).isEmpty();
    }

    private static Peer peer(VMIncarnationSpec.Departure request) {
        return new Peer(request.nodeName(), request.address(), request.port());
    }
}
