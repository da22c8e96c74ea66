package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.time.Instant;
import java.util.UUID;

/** A life's end on the host: the power button, the power, and what is removed after. */
public final class IncarnationEnd {
    private final Hypervisor hypervisor;
    private final WorkingCopies copies;
    private final GuestStateKeeper keeper;
    private final SeedDisc seeds;
    private final Disks disks;
    private final VmRecordStore records;
    private final Failpoints failpoints;

    public IncarnationEnd(
            Hypervisor hypervisor,
            WorkingCopies copies,
            GuestStateKeeper keeper,
            SeedDisc seeds,
            Disks disks,
            VmRecordStore records,
            Failpoints failpoints) {
        this.hypervisor = hypervisor;
        this.copies = copies;
        this.keeper = keeper;
        this.seeds = seeds;
        this.disks = disks;
        this.records = records;
        this.failpoints = failpoints;
    }

    public void pressPowerButton(IncarnationFacts facts, Instant deadline) {
        VmRecord record = records.known(facts.vm());
        if (record.deadlineOf(facts.epoch()).filter(deadline::equals).isEmpty()) {
            records.change(facts.vm(), known -> known.askedToShutDown(facts.epoch(), deadline));
        }
        hypervisor.requestShutdown(facts.vm());
        failpoints.reached(Failpoint.AGENT_SHUTDOWN_REQUESTED);
    }

    /** How it ended is remembered first: afterwards it can no longer be seen. */
    public void cutPower(IncarnationFacts facts, Exit exit) {
        long epoch = facts.domain().map(domain -> domain.epoch()).orElse(facts.epoch());
        rememberEnd(facts.vm(), epoch, exit);
        hypervisor.destroy(facts.vm());
    }

    public void rememberEnd(UUID vm, long epoch, Exit exit) {
        if (records.recall(vm).known().isPresent()) {
            records.change(vm, record -> record.endedAs(epoch, exit));
        }
    }

    /** What is home, and the secret that opened it, are no longer needed here. */
    public void eraseCopy(UUID vm) {
        keeper.end(vm);
        copies.erase(vm);
        failpoints.reached(Failpoint.AGENT_COPY_ERASED);
    }

    public void setCopyAside(UUID vm) {
        keeper.end(vm);
        copies.setAside(vm);
    }

    /** What a stopped VM needs no more: it may hold passwords. */
    public void clear(UUID vm) {
        failpoints.reached(Failpoint.AGENT_DOMAIN_GONE);
        seeds.remove(vm);
    }

    /** The state first: once it is gone, what is left of the disks is of no use to anybody. */
    public void erase(IncarnationFacts facts, Exit exit) {
        UUID vm = facts.vm();
        clear(vm);
        keeper.end(vm);
        copies.erase(vm);
        failpoints.reached(Failpoint.AGENT_STATE_ERASED);
        disks.erase(facts.homeFolder());
        failpoints.reached(Failpoint.AGENT_DISKS_ERASED);
        records.change(vm, record -> record.endedAs(facts.epoch(), exit).tombstone());
    }
}
