package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.domain.DomainIdentity;
import io.trustedlaunch.agent.hypervisor.DomainSight;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.movement.Convergence;
import io.trustedlaunch.agent.movement.Movement;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the agent sees, told step by step. */
final class Sight {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final VMIncarnation incarnation;
    private long highest;
    private Recollection memory = new Recollection.Nothing();
    private Optional<DomainSight> domain = Optional.empty();
    private TpmSight tpm = TpmSight.NONE;
    private HomeSight home = new HomeSight.Seen(List.of());
    private StopReason lastStop = StopReason.UNKNOWN;
    private Optional<Instant> goneSince = Optional.empty();
    private Optional<Instant> shutdownSince = Optional.empty();
    private Movement.Course course = new Movement.Course.Unknown();
    private Optional<MigrationProgress> underway = Optional.empty();
    private Convergence.Verdict convergence = new Convergence.Verdict.GoOn();

    private Sight(VMIncarnation incarnation) {
        this.incarnation = incarnation;
        this.highest = incarnation.getSpec().epoch();
    }

    static Sight of(VMIncarnation incarnation) {
        return new Sight(incarnation);
    }

    Sight remembering(VmRecord record) {
        memory = new Recollection.Known(record);
        return this;
    }

    Sight withDamagedMemory() {
        memory = new Recollection.Damaged("not JSON");
        return this;
    }

    Sight domain(long epoch, DomainState state) {
        domain = Optional.of(new DomainSight(new DomainIdentity(Lives.VM, epoch, "finance", "payroll"), state));
        return this;
    }

    Sight tpm(TpmSight seen) {
        tpm = seen;
        return this;
    }

    /** Versions as their names say them: 3-1 is epoch 3, generation 1. */
    Sight home(String... versions) {
        home = new HomeSight.Seen(Stream.of(versions)
                .map(Sight::version)
                .sorted(Comparator.reverseOrder())
                .toList());
        return this;
    }

    Sight homeOutOfReach() {
        home = new HomeSight.Unseen(Reason.LocationMissing, "no such folder");
        return this;
    }

    static GuestStateVersion version(String text) {
        String[] parts = text.split("-", -1);
        return new GuestStateVersion(Long.valueOf(parts[0]), Long.valueOf(parts[1]));
    }

    Sight laterIncarnation(long epoch) {
        highest = epoch;
        return this;
    }

    Sight gone(StopReason reason, Instant since) {
        lastStop = reason;
        goneSince = Optional.of(since);
        return this;
    }

    /** A shutdown of the host was asked for then. */
    Sight hostShutDownSince(Instant since) {
        shutdownSince = Optional.of(since);
        return this;
    }

    /** What this process knows of the move. */
    Sight course(Movement.Course known) {
        course = known;
        return this;
    }

    /** The hypervisor moves the domain. */
    Sight underway() {
        underway = Optional.of(new MigrationProgress(1, 1, 2));
        return this;
    }

    /** What the last look at the guest's memory on its way says. */
    Sight converging(Convergence.Verdict verdict) {
        convergence = verdict;
        return this;
    }

    IncarnationFacts facts() {
        return new IncarnationFacts(
                incarnation,
                Lives.VM,
                highest,
                memory,
                domain,
                tpm,
                home,
                lastStop,
                goneSince,
                shutdownSince,
                course,
                underway,
                convergence,
                NOW);
    }

    IncarnationStep plan() {
        return IncarnationPlanner.plan(facts());
    }
}
