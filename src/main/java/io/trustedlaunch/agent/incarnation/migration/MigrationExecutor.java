package io.trustedlaunch.agent.incarnation.migration;

import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordStayed;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportStayed;
import io.trustedlaunch.agent.incarnation.plan.MigrationActions;
import io.trustedlaunch.agent.incarnation.plan.Requeue;
import io.trustedlaunch.agent.incarnation.plan.StopActions;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord.Departure;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord.Folder;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord.Stage;
import io.trustedlaunch.agent.incarnation.record.MigrationRecordDepartureBuilder;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.report.IncarnationStatus;
import io.trustedlaunch.agent.incarnation.report.StatusReporter;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.agent.migration.Peer;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A guest's way to another host, step by step, on the side that it leaves. */
public final class MigrationExecutor implements MigrationActions {
    private static final Logger LOG = LoggerFactory.getLogger(MigrationExecutor.class);

    private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(5);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);
    private static final Duration UNTIL_ABORTED = Duration.ofSeconds(1);
    private static final Duration ABORTS_WITHIN = Duration.ofSeconds(30);
    private static final Duration HOPELESS_AFTER = Duration.ofMinutes(2);

    private final Hypervisor hypervisor;
    private final Migrations migrations;
    private final MigrationHandoff handoff;
    private final GuestStates states;
    private final Disks disks;
    private final VmRecordStore records;
    private final StopActions stop;
    private final StatusReporter teller;
    private final Failpoints failpoints;
    private final Map<UUID, Instant> reports = new ConcurrentHashMap<>();
    private final Map<UUID, Aborted> aborts = new ConcurrentHashMap<>();

    /** A move that was first asked to be given up then. */
    private record Aborted(long epoch, Instant at) {}

    public MigrationExecutor(
            Hypervisor hypervisor,
            Migrations migrations,
            MigrationHandoff handoff,
            GuestStates states,
            Disks disks,
            VmRecordStore records,
            StopActions stop,
            StatusReporter teller,
            Failpoints failpoints) {
        this.hypervisor = hypervisor;
        this.migrations = migrations;
        this.handoff = handoff;
        this.states = states;
        this.disks = disks;
        this.records = records;
        this.stop = stop;
        this.teller = teller;
        this.failpoints = failpoints;
    }

    @Override
    public void start(IncarnationFacts facts, Migration move, MigrationOptions manner) {
        Folder folder = manner.copiesDisks()
                ? new Folder(facts.spec().machine().location().path(), Stage.Needed)
                : null;
        remember(facts, Departure.underway(facts.epoch(), move, folder));
        failpoints.reached(Failpoint.SOURCE_DEPARTURE_RECORDED);
        try {
            handoff.giveHome(move, migrations);
        } catch (IOException e) {
            recordStayed(
                    facts,
                    new RecordStayed(
                            move.epoch(),
                            move.to().nodeName(),
                            Reason.MigrationFailed,
                            move.to() + " did not get the VM's guest state: " + e.getMessage()));
            return;
        }
        failpoints.reached(Failpoint.SOURCE_HOME_GIVEN);
        migrations.begin(move, manner);
        reports.remove(facts.vm());
        failpoints.reached(Failpoint.SOURCE_MIGRATION_STARTED);
    }

    @Override
    public Requeue reportUnderway(
            IncarnationFacts facts, long epoch, String nodeName, Optional<MigrationProgress> progress) {
        IncarnationStatus statuses = new IncarnationStatus(facts.incarnation());
        VMIncarnationStatus running = statuses.running(List.of(), states.keepSealed(facts));
        Instant last = reports.get(facts.vm());
        if (last == null || !facts.now().isBefore(last.plus(BETWEEN_REPORTS))) {
            reports.put(facts.vm(), facts.now());
            teller.report(facts.incarnation(), statuses.underway(running, epoch, nodeName, progress));
            failpoints.reached(Failpoint.SOURCE_UNDERWAY_REPORTED);
        }
        return Requeue.after(BETWEEN_LOOKS);
    }

    @Override
    public Requeue allowPause(IncarnationFacts facts, Duration pause) {
        hypervisor.allowPause(facts.vm(), pause);
        LOG.info("VM {} may stand still for {} ms for the last of its memory", facts.vm(), pause.toMillis());
        return Requeue.after(BETWEEN_LOOKS);
    }

    /**
     * libvirt has been seen to cancel QEMU's part, and to wait for that ever after: without its peer it waits no more. QEMU
     * has been seen to wait ever after for a connection that it had closed itself, its guest standing still: of such a
     * guest only what is at home is left.
     */
    @Override
    public Requeue abort(IncarnationFacts facts) {
        VMIncarnationSpec.Departure wish = facts.spec().departure();
        boolean unwatched = wish != null && facts.course() instanceof Migrations.Course.Unknown;
        // Whose a connection is the kernel does not say. While one that is watched goes there, libvirt is asked alone.
        if (unwatched && !migrations.isUnderwayTo(wish.address())) {
            hypervisor.severMigration(facts.vm(), wish.address());
        }
        Duration asked = askedToAbortFor(facts);
        if (asked.compareTo(HOPELESS_AFTER) >= 0 && stands(facts)) {
            LOG.error(
                    "VM {}: its guest stands still, and in {} s its hypervisor has not given its move up; it is ended",
                    facts.vm(),
                    asked.toSeconds());
            stop.cutPower(facts, Exit.Crashed);
            return Requeue.now();
        }
        if (asked.compareTo(ABORTS_WITHIN) >= 0) {
            LOG.warn(
                    "VM {}: libvirt was asked to give its move up {} s ago, and has not; its way there is cut",
                    facts.vm(),
                    asked.toSeconds());
            migrations.abortOutgoing(facts.vm());
        }
        hypervisor.abortMigration(facts.vm());
        failpoints.reached(Failpoint.SOURCE_MIGRATION_ABORTED);
        return Requeue.after(asked.compareTo(ABORTS_WITHIN) < 0 ? UNTIL_ABORTED : BETWEEN_REPORTS);
    }

    /** Counted by this process. Before libvirt is asked, since it may take long to refuse. */
    private Duration askedToAbortFor(IncarnationFacts facts) {
        long epoch = departure(facts).epoch();
        Aborted since = aborts.compute(
                facts.vm(),
                (vm, known) -> known != null && known.epoch() == epoch ? known : new Aborted(epoch, facts.now()));
        return Duration.between(since.at(), facts.now());
    }

    private static boolean stands(IncarnationFacts facts) {
        return facts.domain()
                .filter(domain -> domain.state() instanceof DomainState.Paused)
                .isPresent();
    }

    @Override
    public void resume(IncarnationFacts facts) {
        hypervisor.resume(facts.vm());
        failpoints.reached(Failpoint.SOURCE_RESUMED);
    }

    @Override
    public void recordStayed(IncarnationFacts facts, RecordStayed stayed) {
        remember(
                facts,
                MigrationRecordDepartureBuilder.builder()
                        .from(facts.epoch())
                        .epoch(stayed.epoch())
                        .nodeName(stayed.nodeName())
                        .course(Course.Stayed)
                        .reason(stayed.reason())
                        .message(stayed.message())
                        .build());
        failpoints.reached(Failpoint.SOURCE_STAYED_RECORDED);
    }

    @Override
    public void reportStayed(IncarnationFacts facts, ReportStayed stayed) {
        boolean cancelled = Optional.ofNullable(facts.spec().departure())
                .map(VMIncarnationSpec.Departure::cancelled)
                .orElse(false);
        teller.report(
                facts.incarnation(),
                new IncarnationStatus(facts.incarnation())
                        .stayed(
                                stayed.epoch(),
                                stayed.nodeName(),
                                cancelled ? Reason.MigrationCancelled : stayed.reason(),
                                stayed.message()));
        failpoints.reached(Failpoint.SOURCE_STAYED_REPORTED);
    }

    @Override
    public void recordLeft(IncarnationFacts facts, long epoch) {
        handoff.recordLeft(facts.vm(), epoch);
    }

    /** The guest stands still until the other host hears it; the API server has it too, for whoever did not listen. */
    @Override
    public Requeue reportLeft(IncarnationFacts facts, long epoch, String nodeName) {
        boolean told = facts.reported()
                .map(VMIncarnationStatus::departure)
                .filter(answer -> answer.epoch() == epoch && answer.course() == Course.Left)
                .isPresent();
        if (told) {
            return Requeue.atResync();
        }
        states.sealWhatIsLeft(facts);
        try {
            // First, since it is known to be heard: the other host may be out of reach, which takes long to find out.
            teller.report(
                    facts.incarnation(),
                    new IncarnationStatus(facts.incarnation()).left(epoch, nodeName, facts.newestKnown(), facts.now()));
            failpoints.reached(Failpoint.SOURCE_LEFT_REPORTED);
        } finally {
            giveWord(facts, epoch, nodeName);
        }
        return Requeue.now();
    }

    private void giveWord(IncarnationFacts facts, long epoch, String nodeName) {
        VMIncarnationSpec.Departure wish = facts.spec().departure();
        if (wish != null && wish.epoch() == epoch) {
            Peer peer = new Peer(nodeName, wish.address(), wish.port());
            handoff.giveWord(new Migration(facts.vm(), epoch, peer), migrations);
        }
    }

    /** All that the guest has here is the other host's, and that host knows it: from then on nothing of it is needed here. */
    @Override
    public Requeue handOver(IncarnationFacts facts, Migration move) {
        try {
            handoff.giveHome(move, migrations);
            migrations.reportLeft(move);
        } catch (IOException e) {
            LOG.warn(
                    "VM {} has left, and its files stay here until {} has its guest state: {}",
                    facts.vm(),
                    move.to(),
                    e.getMessage());
            return Requeue.atResync();
        }
        remember(facts, departure(facts).at(Stage.HandedOver));
        failpoints.reached(Failpoint.SOURCE_HANDED_OVER);
        return Requeue.now();
    }

    @Override
    public void clearFolder(IncarnationFacts facts) {
        Departure departure = departure(facts);
        disks.erase(new VmFolder(Path.of(departure.folder().location()), facts.vm()));
        failpoints.reached(Failpoint.SOURCE_FOLDER_CLEARED);
        remember(facts, departure.at(Stage.Cleared));
    }

    private Departure departure(IncarnationFacts facts) {
        return records.require(facts.vm()).migration().departure();
    }

    private void remember(IncarnationFacts facts, Departure departure) {
        records.update(
                facts.vm(), record -> record.withMigration(record.migration().withDeparture(departure)));
    }
}
