package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.disks.VmDisks;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.hypervisor.WorkingCopyLayout;
import io.trustedlaunch.agent.incarnation.migration.MigrationTracker;
import io.trustedlaunch.agent.incarnation.plan.HomeListing;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFactsBuilder;
import io.trustedlaunch.agent.incarnation.plan.WorkingCopyState;
import io.trustedlaunch.agent.incarnation.record.DepartureRecord;
import io.trustedlaunch.agent.incarnation.record.IncarnationRecord;
import io.trustedlaunch.agent.incarnation.record.RecordLookup;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.Homes;
import io.trustedlaunch.agent.incarnation.state.LeftoverWorkingCopy;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.agent.shutdown.ShutdownRequest;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.process.SteadyClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Reads domain, working copy, home and record. */
final class IncarnationGatherer {
    private static final HomeListing NOT_LISTED =
            new HomeListing.Unseen(Reason.LocationMissing, "not listed while a domain of the VM is here");

    private final Hypervisor hypervisor;
    private final VmRecordStore records;
    private final LocationCheck locations;
    private final Homes homes;
    private final Disks disks;
    private final IncarnationHook hook;
    private final LeftoverWorkingCopy leftover;
    private final Migrations migrations;
    private final ShutdownRequest shutdown;
    private final String bootID;
    private final InstantSource clock;
    private final SteadyClock steady;
    private final Map<String, Instant> goneSince = new ConcurrentHashMap<>();
    private final Map<String, Instant> receivedSince = new ConcurrentHashMap<>();
    private final Map<String, Asked> asked = new ConcurrentHashMap<>();
    private final MigrationTracker tracker = new MigrationTracker();

    /**
     * A request to shut down that is on record.
     *
     * @param at the same by the steady clock
     */
    private record Asked(Instant requested, Instant at) {}

    IncarnationGatherer(
            Hypervisor hypervisor,
            VmRecordStore records,
            LocationCheck locations,
            Homes homes,
            Disks disks,
            IncarnationHook hook,
            LeftoverWorkingCopy leftover,
            Migrations migrations,
            ShutdownRequest shutdown,
            String bootID,
            InstantSource clock,
            SteadyClock steady) {
        this.hypervisor = hypervisor;
        this.records = records;
        this.locations = locations;
        this.homes = homes;
        this.disks = disks;
        this.hook = hook;
        this.leftover = leftover;
        this.migrations = migrations;
        this.shutdown = shutdown;
        this.bootID = bootID;
        this.clock = clock;
        this.steady = steady;
    }

    IncarnationFacts gather(VMIncarnation incarnation, UUID vm, long highestEpoch) {
        Optional<DomainInfo> domain = hypervisor.find(vm);
        RecordLookup record = records.lookUp(vm);
        IncarnationRecord own = record.found()
                .map(known -> known.of(incarnation.getSpec().epoch()))
                .orElse(IncarnationRecord.SEEN);
        boolean gone = domain.isEmpty() && own.resumed();
        Instant now = steady.instant();
        WorkingCopy copy = hypervisor.workingCopy(vm);
        Optional<DepartureRecord> departure = own.departure();
        Optional<MigrationProgress> underway = domain.isPresent() && mayBeMigrating(incarnation, own, domain.get())
                ? hypervisor.migration(vm)
                : Optional.empty();
        HomeListing home = domain.isPresent() ? NOT_LISTED : home(incarnation, vm);
        IncarnationFacts facts = IncarnationFactsBuilder.builder()
                .incarnation(incarnation)
                .vm(vm)
                .highestEpoch(highestEpoch)
                .record(record)
                .domain(domain)
                .workingCopy(
                        domain.isPresent() ? state(copy) : leftover.inspect(incarnation, vm, record, copy, state(copy)))
                .home(home)
                .diskTransferMark(home.isSeen() ? disks.diskTransferMark(folder(incarnation, vm)) : Optional.empty())
                .lastStop(gone ? hypervisor.lastStop(vm) : StopReason.UNKNOWN)
                .goneSince(since(goneSince, incarnation, gone && own.exit().isEmpty(), now))
                .sinceAsked(
                        sinceAsked(incarnation, own.shutdownRequested().filter(requested -> domain.isPresent()), now))
                .shutdownSince(shutdown.since())
                .isFilling(isFilling(incarnation, vm, own))
                .bootID(bootID)
                .course(departure
                        .map(known -> migrations.course(vm, known.epoch()))
                        .orElseGet(Migrations.Course.Unknown::new))
                .underway(underway)
                .convergence(tracker.track(vm, departure, incarnation.getSpec().departure(), underway))
                .now(clock.instant())
                .steady(now)
                .build();
        return incarnation.getSpec().arrival() == null ? facts : withReceivedSince(facts);
    }

    private IncarnationFacts withReceivedSince(IncarnationFacts facts) {
        boolean waits = facts.isReceived() && !facts.wasResumed();
        return IncarnationFactsBuilder.builder(facts)
                .receivedSince(since(receivedSince, facts.incarnation(), waits, facts.steady()))
                .build();
    }

    private static Optional<Instant> since(
            Map<String, Instant> first, VMIncarnation incarnation, boolean isSo, Instant now) {
        String name = incarnation.getMetadata().getName();
        if (!isSo) {
            first.remove(name);
            return Optional.empty();
        }
        return Optional.of(first.computeIfAbsent(name, key -> now));
    }

    /** What passed before this process found it on record is known by the host's clock alone. */
    private Optional<Duration> sinceAsked(VMIncarnation incarnation, Optional<Instant> requested, Instant now) {
        String name = incarnation.getMetadata().getName();
        if (requested.isEmpty()) {
            asked.remove(name);
            return Optional.empty();
        }
        Asked first = asked.compute(
                name,
                (key, known) -> known != null && known.requested().equals(requested.get())
                        ? known
                        : new Asked(requested.get(), now.minus(passed(requested.get()))));
        return Optional.of(Duration.between(first.at(), now));
    }

    private Duration passed(Instant requested) {
        Duration passed = Duration.between(requested, clock.instant());
        return passed.isNegative() ? Duration.ZERO : passed;
    }

    private static boolean mayBeMigrating(VMIncarnation incarnation, IncarnationRecord own, DomainInfo domain) {
        boolean leaving = own.departure()
                .filter(departure -> departure.course() == Course.Underway)
                .isPresent();
        boolean arriving = incarnation.getSpec().arrival() != null && !own.resumed();
        boolean paused = domain.state().equals(new DomainState.Paused(DomainState.PauseReason.MIGRATION));
        return leaving || arriving || paused;
    }

    private HomeListing home(VMIncarnation incarnation, UUID vm) {
        Path location = Path.of(incarnation.getSpec().machineNow().location().path());
        // The check of a location writes to it: it is made only where the folder is missing.
        Optional<Problem> problem = Files.isDirectory(location) ? Optional.empty() : locations.problem(location);
        if (problem.isPresent()) {
            return new HomeListing.Unseen(problem.get().reason(), problem.get().message());
        }
        try {
            VmFolder folder = folder(incarnation, vm);
            Optional<Problem> obstacle = incarnation.getSpec().desiredState() == DesiredState.Running
                    ? hook.startObstacle(folder)
                    : Optional.empty();
            if (obstacle.isPresent()) {
                return new HomeListing.Unseen(
                        obstacle.get().reason(), obstacle.get().message());
            }
            return new HomeListing.Seen(homes.at(folder).versions());
        } catch (IOException e) {
            return new HomeListing.Unseen(
                    Reason.LocationMissing,
                    "the VM's folder in " + location + " cannot be listed: " + e.getMessage()
                            + "; check the storage location");
        }
    }

    /**
     * Looks only where a migration is about to begin: a share that does not answer would hold up whatever ends a guest. A disk that
     * cannot be read is not known to be whole.
     */
    private static boolean isFilling(VMIncarnation incarnation, UUID vm, IncarnationRecord own) {
        VMIncarnationSpec spec = incarnation.getSpec();
        if (spec.diskFill() == null
                || spec.departure() == null
                || own.departure().isPresent()) {
            return false;
        }
        try {
            return !new VmDisks(folder(incarnation, vm)).unfilled().isEmpty();
        } catch (IOException e) {
            return true;
        }
    }

    private static VmFolder folder(VMIncarnation incarnation, UUID vm) {
        return new VmFolder(
                Path.of(incarnation.getSpec().machineNow().location().path()), vm);
    }

    private static WorkingCopyState state(WorkingCopy copy) {
        return switch (copy.state()) {
            case ABSENT -> WorkingCopyState.NONE;
            case PRESENT -> WorkingCopyState.WHOLE;
            case DAMAGED -> damaged(copy);
        };
    }

    private static WorkingCopyState damaged(WorkingCopy copy) {
        if (WorkingCopyLayout.isWhole(copy.tpmState())) {
            return WorkingCopyState.VARIABLES_DAMAGED;
        }
        return Files.exists(copy.tpmState(), LinkOption.NOFOLLOW_LINKS)
                ? WorkingCopyState.DAMAGED
                : WorkingCopyState.FILE_MISSING;
    }
}
