package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.domain.DomainIdentity;
import io.trustedlaunch.agent.hypervisor.DomainSight;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.api.VMIncarnation;
import java.time.Instant;
import java.util.Optional;

/** What the agent sees, told step by step. */
final class Sight {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final VMIncarnation incarnation;
    private long highest;
    private Recollection memory = new Recollection.Nothing();
    private Optional<DomainSight> domain = Optional.empty();
    private TpmSight tpm = TpmSight.NONE;
    private StopReason lastStop = StopReason.UNKNOWN;
    private Optional<Instant> goneSince = Optional.empty();

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

    Sight laterIncarnation(long epoch) {
        highest = epoch;
        return this;
    }

    Sight gone(StopReason reason, Instant since) {
        lastStop = reason;
        goneSince = Optional.of(since);
        return this;
    }

    IncarnationFacts facts() {
        return new IncarnationFacts(incarnation, Lives.VM, highest, memory, domain, tpm, lastStop, goneSince, NOW);
    }

    IncarnationStep plan() {
        return IncarnationPlanner.plan(facts());
    }
}
