package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.agent.domain.DomainIdentity;
import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.incarnation.IncarnationFixture;
import io.trustedlaunch.agent.incarnation.record.RecordLookup;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.migration.Convergence;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the agent sees, told step by step. */
public final class FactsFixture {
    public static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final VMIncarnation incarnation;
    private long highest;
    private RecordLookup memory = new RecordLookup.Missing();
    private Optional<DomainInfo> domain = Optional.empty();
    private WorkingCopyState tpm = WorkingCopyState.NONE;
    private HomeListing home = new HomeListing.Seen(List.of());
    private StopReason lastStop = StopReason.UNKNOWN;
    private Optional<Instant> goneSince = Optional.empty();
    private Optional<Instant> shutdownSince = Optional.empty();
    private Migrations.Course course = new Migrations.Course.Unknown();
    private Optional<MigrationProgress> underway = Optional.empty();
    private Convergence.Verdict convergence = new Convergence.Verdict.GoOn();

    private FactsFixture(VMIncarnation incarnation) {
        this.incarnation = incarnation;
        this.highest = incarnation.getSpec().epoch();
    }

    public static FactsFixture of(VMIncarnation incarnation) {
        return new FactsFixture(incarnation);
    }

    public FactsFixture remembering(VmRecord record) {
        memory = new RecordLookup.Found(record);
        return this;
    }

    public FactsFixture withDamagedMemory() {
        memory = new RecordLookup.Damaged("not JSON");
        return this;
    }

    public FactsFixture domain(long epoch, DomainState state) {
        domain = Optional.of(
                new DomainInfo(new DomainIdentity(IncarnationFixture.VM, epoch, "finance", "payroll"), state));
        return this;
    }

    public FactsFixture tpm(WorkingCopyState seen) {
        tpm = seen;
        return this;
    }

    /** Versions as their names say them: 3-1 is epoch 3, generation 1. */
    public FactsFixture home(String... versions) {
        home = new HomeListing.Seen(Stream.of(versions)
                .map(FactsFixture::version)
                .sorted(Comparator.reverseOrder())
                .toList());
        return this;
    }

    public FactsFixture homeOutOfReach() {
        home = new HomeListing.Unseen(Reason.LocationMissing, "no such folder");
        return this;
    }

    public static GuestStateVersion version(String text) {
        String[] parts = text.split("-", -1);
        return new GuestStateVersion(Long.valueOf(parts[0]), Long.valueOf(parts[1]));
    }

    public FactsFixture laterIncarnation(long epoch) {
        highest = epoch;
        return this;
    }

    public FactsFixture gone(StopReason reason, Instant since) {
        lastStop = reason;
        goneSince = Optional.of(since);
        return this;
    }

    /** A shutdown of the host was asked for then. */
    public FactsFixture hostShutDownSince(Instant since) {
        shutdownSince = Optional.of(since);
        return this;
    }

    /** What this process knows of the move. */
    public FactsFixture course(Migrations.Course known) {
        course = known;
        return this;
    }

    /** The hypervisor moves the domain. */
    public FactsFixture underway() {
        underway = Optional.of(new MigrationProgress(1, 1, 2));
        return this;
    }

    /** What the last look at the guest's memory on its way says. */
    public FactsFixture converging(Convergence.Verdict verdict) {
        convergence = verdict;
        return this;
    }

    public IncarnationFacts facts() {
        return IncarnationFactsBuilder.builder()
                .incarnation(incarnation)
                .vm(IncarnationFixture.VM)
                .highestEpoch(highest)
                .record(memory)
                .domain(domain)
                .workingCopy(tpm)
                .home(home)
                .lastStop(lastStop)
                .goneSince(goneSince)
                .shutdownSince(shutdownSince)
                .course(course)
                .underway(underway)
                .convergence(convergence)
                .now(NOW)
                .build();
    }

    public IncarnationStep plan() {
        return IncarnationPlanner.plan(facts());
    }
}
