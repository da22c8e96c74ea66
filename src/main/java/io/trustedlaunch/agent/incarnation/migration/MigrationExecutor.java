package io.trustedlaunch.agent.incarnation.migration;

import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.folder.Entry;
import io.trustedlaunch.agent.folder.FolderGate;
import io.trustedlaunch.agent.folder.FolderRequest;
import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordStayed;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportStayed;
import io.trustedlaunch.agent.incarnation.plan.MigrationActions;
import io.trustedlaunch.agent.incarnation.plan.Requeue;
import io.trustedlaunch.agent.incarnation.plan.StopActions;
import io.trustedlaunch.agent.incarnation.record.DepartureRecord;
import io.trustedlaunch.agent.incarnation.record.DepartureRecord.Folder;
import io.trustedlaunch.agent.incarnation.record.DepartureRecord.Stage;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.report.IncarnationStatus;
import io.trustedlaunch.agent.incarnation.report.StatusReporter;
import io.trustedlaunch.agent.incarnation.state.GuestDomains;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.agent.migration.Peer;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out the steps of a migration on its source. */
public final class MigrationExecutor implements MigrationActions {
    private static final Logger LOG = LoggerFactory.getLogger(MigrationExecutor.class);

    private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(5);
    private static final Duration BETWEEN_CHECKS = Duration.ofSeconds(2);
    private static final Duration UNTIL_ABORTED = Duration.ofSeconds(1);
    private static final Duration ABORT_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration LONGEST_ABORT = Duration.ofMinutes(2);

    private final Hypervisor hypervisor;
    private final GuestDomains domains;
    private final FolderGate gate;
    private final Migrations migrations;
    private final MigrationHandoff handoff;
    private final GuestStates states;
    private final Disks disks;
    private final VmRecordStore records;
    private final StopActions stop;
    private final StatusReporter reporter;
    private final Failpoints failpoints;
    private final Map<UUID, Instant> reports = new ConcurrentHashMap<>();
    private final Map<UUID, Aborted> aborts = new ConcurrentHashMap<>();

    /** When the migration to that epoch was first asked to abort. */
    private record Aborted(long epoch, Instant at) {}

    public MigrationExecutor(
            Hypervisor hypervisor,
            GuestDomains domains,
            FolderGate gate,
            Migrations migrations,
            MigrationHandoff handoff,
            GuestStates states,
            Disks disks,
            VmRecordStore records,
            StopActions stop,
            StatusReporter reporter,
            Failpoints failpoints) {
        this.hypervisor = hypervisor;
        this.domains = domains;
        this.gate = gate;
        this.migrations = migrations;
        this.handoff = handoff;
        this.states = states;
        this.disks = disks;
        this.records = records;
        this.stop = stop;
        this.reporter = reporter;
        this.failpoints = failpoints;
    }

    @Override
    public void start(IncarnationFacts facts, Migration migration, MigrationOptions options) {
        recordUnderway(facts, migration, options.copiesDisks());
        failpoints.reached(Failpoint.SOURCE_DEPARTURE_RECORDED);
        try {
            handoff.sendHome(migration, migrations);
        } catch (IOException e) {
            recordStayed(
                    facts,
                    new RecordStayed(
                            migration.epoch(),
                            migration.to().nodeName(),
                            new Problem(
                                    Reason.MigrationFailed,
                                    "the VM's guest state could not be sent to " + migration.to() + ": "
                                            + e.getMessage())));
            return;
        }
        failpoints.reached(Failpoint.SOURCE_HOME_GIVEN);
        migrations.begin(migration, options);
        reports.remove(facts.vm());
        failpoints.reached(Failpoint.SOURCE_MIGRATION_STARTED);
    }

    private void recordUnderway(IncarnationFacts facts, Migration migration, boolean copiesDisks) {
        Optional<Folder> folder = copiesDisks
                ? Optional.of(new Folder(facts.spec().machineNow().location().path(), Stage.Needed))
                : Optional.empty();
        record(facts, DepartureRecord.underway(migration, folder));
    }

    @Override
    public Requeue reportUnderway(
            IncarnationFacts facts, long epoch, String nodeName, Optional<MigrationProgress> progress) {
        VMIncarnationStatus running = running(facts);
        Instant last = reports.get(facts.vm());
        if (last == null || !facts.steady().isBefore(last.plus(BETWEEN_REPORTS))) {
            reports.put(facts.vm(), facts.steady());
            reporter.report(
                    facts.incarnation(),
                    new IncarnationStatus(facts.incarnation()).underway(running, epoch, nodeName, progress));
            failpoints.reached(Failpoint.SOURCE_UNDERWAY_REPORTED);
        }
        return Requeue.after(BETWEEN_CHECKS);
    }

    private VMIncarnationStatus running(IncarnationFacts facts) {
        return new IncarnationStatus(facts.incarnation())
                .running(List.of(), states.keepSealed(facts), facts.vtpm(), Optional.empty(), Optional.empty());
    }

    @Override
    public Requeue allowPause(IncarnationFacts facts, Duration pause) {
        hypervisor.allowPause(facts.vm(), pause);
        LOG.info("VM {}: the migration may pause the guest for {} ms", facts.vm(), pause.toMillis());
        return Requeue.after(BETWEEN_CHECKS);
    }

    /**
     * libvirt may cancel QEMU's part and then wait for it forever, until its connection to the target is closed. QEMU may
     * wait forever for a connection that it closed itself, with its guest paused: only the sealed state of such a guest can
     * be saved. A guest that runs goes on, unless it is to end anyway.
     */
    @Override
    public Requeue abort(IncarnationFacts facts) {
        VMIncarnationSpec.Departure requested = facts.spec().departure();
        boolean unwatched = requested != null && facts.course() instanceof Migrations.Course.Unknown;
        // The kernel does not report the owner of a connection: none is cut while this process migrates a guest to that
        // address.
        if (unwatched && !migrations.isUnderwayTo(requested.address())) {
            hypervisor.severMigration(facts.vm(), requested.address());
        }
        Duration aborting = abortingFor(facts);
        if (aborting.compareTo(LONGEST_ABORT) >= 0 && (isPaused(facts) || !facts.shouldRun())) {
            LOG.error(
                    "VM {}: its hypervisor has not aborted the migration within {} s, and the guest {}; cutting its power",
                    facts.vm(),
                    aborting.toSeconds(),
                    facts.shouldRun() ? "is paused" : "is to stop");
            stop.cutPower(facts, facts.shouldRun() ? Exit.Crashed : facts.poweredOff());
            return Requeue.now();
        }
        if (aborting.compareTo(ABORT_TIMEOUT) >= 0) {
            LOG.warn(
                    "VM {}: libvirt has not aborted the migration within {} s; closing its connection to the target",
                    facts.vm(),
                    aborting.toSeconds());
            migrations.abortOutgoing(facts.vm());
        }
        if (facts.vtpm().isFailed()) {
            // QEMU may not answer before its TPM does.
            reporter.report(facts.incarnation(), running(facts));
        }
        hypervisor.abortMigration(facts.vm());
        failpoints.reached(Failpoint.SOURCE_MIGRATION_ABORTED);
        return Requeue.after(aborting.compareTo(ABORT_TIMEOUT) < 0 ? UNTIL_ABORTED : BETWEEN_REPORTS);
    }

    /** Counted by this process, from before the first request, because libvirt may take long to refuse. */
    private Duration abortingFor(IncarnationFacts facts) {
        long epoch = departure(facts).epoch();
        Aborted since = aborts.compute(
                facts.vm(),
                (vm, known) -> known != null && known.epoch() == epoch ? known : new Aborted(epoch, facts.steady()));
        return Duration.between(since.at(), facts.steady());
    }

    private static boolean isPaused(IncarnationFacts facts) {
        return facts.domain()
                .filter(domain -> domain.state() instanceof DomainState.Paused)
                .isPresent();
    }

    /** A guest that is to stop must be able to react to its power button; one that cannot be resumed ends without. */
    @Override
    public void resume(IncarnationFacts facts) {
        try {
            try (Permit permit = gate.afterMigration(facts.homeFolder())) {
                domains.resume(permit, facts.vm());
            }
        } catch (HypervisorException e) {
            boolean refused = e.failure() instanceof HypervisorFailure.OperationFailed;
            if (facts.shouldRun() || !refused) {
                throw e;
            }
            LOG.warn("VM {}: cutting its power, since it is to stop and cannot be resumed", facts.vm(), e);
            stop.cutPower(facts, facts.poweredOff());
        }
        failpoints.reached(Failpoint.SOURCE_RESUMED);
    }

    @Override
    public void recordStayed(IncarnationFacts facts, RecordStayed stayed) {
        record(facts, DepartureRecord.stayed(stayed.epoch(), stayed.nodeName(), stayed.problem()));
        failpoints.reached(Failpoint.SOURCE_STAYED_RECORDED);
    }

    @Override
    public void reportStayed(IncarnationFacts facts, ReportStayed stayed) {
        boolean cancelled = Optional.ofNullable(facts.spec().departure())
                .map(VMIncarnationSpec.Departure::cancelled)
                .orElse(false);
        reporter.report(
                facts.incarnation(),
                new IncarnationStatus(facts.incarnation())
                        .stayed(
                                stayed.epoch(),
                                stayed.nodeName(),
                                cancelled
                                        ? new Problem(
                                                Reason.MigrationCancelled,
                                                stayed.problem().message())
                                        : stayed.problem()));
        failpoints.reached(Failpoint.SOURCE_STAYED_REPORTED);
    }

    @Override
    public void recordLeft(IncarnationFacts facts, long epoch) {
        handoff.recordLeft(facts.vm(), epoch);
    }

    @Override
    public void recordReportedLeft(IncarnationFacts facts, Migration migration, boolean copiesDisks) {
        recordUnderway(facts, migration, copiesDisks);
        handoff.recordLeft(facts.vm(), migration.epoch());
    }

    /** The guest is paused until the target has the report, directly or from the API server. */
    @Override
    public Requeue reportLeft(IncarnationFacts facts, long epoch, String nodeName) {
        boolean reported = facts.reported()
                .map(VMIncarnationStatus::departure)
                .filter(departed -> departed.epoch() == epoch && departed.course() == Course.Left)
                .isPresent();
        if (reported) {
            return Requeue.atResync();
        }
        states.trySealLastState(facts);
        try {
            // The API server first: it takes long to find out that the target is unreachable.
            reporter.report(
                    facts.incarnation(),
                    new IncarnationStatus(facts.incarnation()).left(epoch, nodeName, facts.newestKnown(), facts.now()));
            failpoints.reached(Failpoint.SOURCE_LEFT_REPORTED);
        } finally {
            reportToTarget(facts, epoch, nodeName);
        }
        return Requeue.now();
    }

    private void reportToTarget(IncarnationFacts facts, long epoch, String nodeName) {
        VMIncarnationSpec.Departure requested = facts.spec().departure();
        if (requested != null && requested.epoch() == epoch) {
            Peer peer = new Peer(nodeName, requested.address(), requested.port());
            handoff.report(new Migration(facts.vm(), epoch, peer), migrations);
        }
    }

    /**
     * Once the target has the whole home and has resumed the guest, nothing here is needed any more; nor once the VM was restored
     * here, whatever becomes of the target.
     */
    @Override
    public Requeue handOver(IncarnationFacts facts, Migration migration) {
        if (!isReplaced(facts)) {
            try {
                handoff.sendHome(migration, migrations);
                migrations.confirmTaken(migration);
            } catch (IOException e) {
                LOG.warn(
                        "VM {} has left; its files are kept here until its guest state is sent to {}: {}",
                        facts.vm(),
                        migration.to(),
                        e.getMessage());
                return Requeue.atResync();
            }
        }
        record(facts, departure(facts).at(Stage.HandedOver));
        failpoints.reached(Failpoint.SOURCE_HANDED_OVER);
        return Requeue.now();
    }

    private boolean isReplaced(IncarnationFacts facts) {
        return departure(facts)
                .folder()
                .filter(folder -> switch (toClear(facts, folder)) {
                    case Entry.Granted(Permit permit) -> {
                        permit.close();
                        yield false;
                    }
                    case Entry.Superseded superseded -> true;
                    case Entry.Awaited awaited -> false;
                    case Entry.Refused refused -> false;
                })
                .isPresent();
    }

    private Entry toClear(IncarnationFacts facts, Folder left) {
        VmFolder folder = new VmFolder(Path.of(left.location()), facts.vm());
        return gate.toClear(
                new FolderRequest(facts.spec().vmRef(), facts.epoch(), folder, false, Set.of()),
                facts.spec().machineNow().location().name());
    }

    @Override
    public Requeue clearFolder(IncarnationFacts facts) {
        DepartureRecord departure = departure(facts);
        if (departure.folder().isPresent()) {
            switch (toClear(facts, departure.folder().get())) {
                case Entry.Granted(Permit permit) -> {
                    try (permit) {
                        disks.erase(permit);
                    }
                }
                case Entry.Awaited awaited -> {
                    return Requeue.after(BETWEEN_REPORTS);
                }
                case Entry.Refused(Problem problem) -> throw new RefusedException(problem);
                case Entry.Superseded superseded ->
                    LOG.info("VM {}: {}", facts.vm(), superseded.problem().message());
            }
        }
        failpoints.reached(Failpoint.SOURCE_FOLDER_CLEARED);
        // The guest runs on with all of its state, whatever of it this host still had; or that is no longer wanted.
        records.update(
                facts.vm(),
                record -> record.withDeparture(facts.epoch(), departure.at(Stage.Cleared))
                        .completedBy(facts.epoch()));
        return Requeue.now();
    }

    private DepartureRecord departure(IncarnationFacts facts) {
        return records.require(facts.vm()).of(facts.epoch()).departure().orElseThrow();
    }

    private void record(IncarnationFacts facts, DepartureRecord departure) {
        records.update(facts.vm(), record -> record.withDeparture(facts.epoch(), departure));
    }
}
