package io.trustedlaunch.agent.incarnation.plan;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;

import io.trustedlaunch.agent.domain.DomainIdentity;
import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.hypervisor.VtpmState;
import io.trustedlaunch.agent.incarnation.IncarnationFixture;
import io.trustedlaunch.agent.incarnation.record.RecordLookup;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.migration.Convergence;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The facts that an agent plans from: without more of them, it has never seen the VM. */
public final class FactsFixture {
    public static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final IncarnationFactsBuilder builder = IncarnationFactsBuilder.builder()
            .vm(VM)
            .record(new RecordLookup.Missing())
            .workingCopy(WorkingCopyState.NONE)
            .home(new HomeListing.Seen(List.of()))
            .diskTransferMark(Optional.empty())
            .lastStop(StopReason.UNKNOWN)
            .course(new Migrations.Course.Unknown())
            .convergence(new Convergence.Verdict.GoOn())
            .now(NOW)
            .steady(NOW);

    private FactsFixture(VMIncarnation incarnation) {
        builder.incarnation(incarnation).highestEpoch(incarnation.getSpec().epoch());
    }

    public static FactsFixture of(VMIncarnation incarnation) {
        return new FactsFixture(incarnation);
    }

    FactsFixture with(Consumer<IncarnationFactsBuilder> more) {
        more.accept(builder);
        return this;
    }

    /** The agent has reported this phase. */
    public FactsFixture reported(Phase phase) {
        builder.incarnation().setStatus(Incarnations.status(phase).build());
        return this;
    }

    FactsFixture reported(Exit exit) {
        builder.incarnation()
                .setStatus(Incarnations.status(Phase.Stopped).exit(exit).build());
        return this;
    }

    public FactsFixture record(VmRecord record) {
        return with(facts -> facts.record(new RecordLookup.Found(record)));
    }

    FactsFixture damagedRecord() {
        return with(facts -> facts.record(new RecordLookup.Damaged("not JSON")));
    }

    public FactsFixture domain(long epoch, DomainState state) {
        return domain(epoch, state, new VtpmState.Responding());
    }

    FactsFixture domain(long epoch, DomainState state, VtpmState vtpm) {
        DomainIdentity identity = new DomainIdentity(VM, epoch, Vms.NAMESPACE, Vms.NAME);
        return with(facts -> facts.domain(Optional.of(new DomainInfo(identity, state, vtpm))));
    }

    public FactsFixture gone(StopReason reason) {
        return gone(reason, NOW);
    }

    FactsFixture gone(StopReason reason, Instant since) {
        return with(facts -> facts.lastStop(reason).goneSince(Optional.of(since)));
    }

    FactsFixture copy(WorkingCopyState state) {
        return with(facts -> facts.workingCopy(state));
    }

    FactsFixture home(String... versions) {
        return with(facts -> facts.home(new HomeListing.Seen(Stream.of(versions)
                .map(IncarnationFixture::version)
                .sorted(Comparator.reverseOrder())
                .toList())));
    }

    FactsFixture unreachableHome() {
        return with(facts -> facts.home(new HomeListing.Unseen(Reason.LocationMissing, "no such folder")));
    }

    public FactsFixture laterIncarnation(long epoch) {
        return with(facts -> facts.highestEpoch(epoch));
    }

    public FactsFixture hostShutdownSince(Instant since) {
        return with(facts -> facts.shutdownSince(Optional.of(since)));
    }

    public IncarnationFacts facts() {
        return builder.build();
    }

    public IncarnationStep plan() {
        return IncarnationPlanner.plan(facts());
    }

    /** Its epoch is recorded next, as one that may have run. */
    public boolean recordsRun() {
        return ((IncarnationStep.RecordEpoch) plan()).seen().assumed().hasRun();
    }

    Reason refusal() {
        return ((IncarnationStep.Refuse) plan()).reason();
    }
}
