package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.time.Instant;
import java.util.UUID;

/** A life's end on the host: the power button, the power, and what is removed after. */
public final class IncarnationEnd {
    private final Host host;
    private final Failpoints failpoints;

    public IncarnationEnd(Host host, Failpoints failpoints) {
        this.host = host;
        this.failpoints = failpoints;
    }

    public void pressPowerButton(IncarnationFacts facts, Instant deadline) {
        VmRecord record = host.memory().known(facts.vm());
        if (record.deadlineOf(facts.epoch()).filter(deadline::equals).isEmpty()) {
            host.memory().change(facts.vm(), known -> known.askedToShutDown(facts.epoch(), deadline));
        }
        host.hypervisor().requestShutdown(facts.vm());
        failpoints.reached(Failpoint.AGENT_SHUTDOWN_REQUESTED);
    }

    /** How it ended is remembered first: afterwards it can no longer be seen. */
    public void cutPower(IncarnationFacts facts, Exit exit) {
        long epoch = facts.domain().map(domain -> domain.epoch()).orElse(facts.epoch());
        rememberEnd(facts.vm(), epoch, exit);
        host.hypervisor().destroy(facts.vm());
    }

    public void rememberEnd(UUID vm, long epoch, Exit exit) {
        if (host.memory().recall(vm).known().isPresent()) {
            host.memory().change(vm, record -> record.endedAs(epoch, exit));
        }
    }

    /** What is home, and the secret that opened it, are no longer needed here. */
    public void eraseCopy(UUID vm) {
        host.keeper().end(vm);
        host.hypervisor().eraseState(vm);
        failpoints.reached(Failpoint.AGENT_COPY_ERASED);
    }

    public void setCopyAside(UUID vm) {
        host.keeper().end(vm);
        host.hypervisor().setStateAside(vm);
    }

    /** What a stopped VM needs no more: it may hold passwords. */
    public void clear(UUID vm) {
        failpoints.reached(Failpoint.AGENT_DOMAIN_GONE);
        host.seeds().remove(vm);
    }

    /** The state first: once it is gone, what is left of the disks is of no use to anybody. */
    public void erase(IncarnationFacts facts, Exit exit) {
        UUID vm = facts.vm();
        clear(vm);
        host.keeper().end(vm);
        host.hypervisor().eraseState(vm);
        failpoints.reached(Failpoint.AGENT_STATE_ERASED);
        host.disks().erase(facts.homeFolder());
        failpoints.reached(Failpoint.AGENT_DISKS_ERASED);
        host.memory().change(vm, record -> record.endedAs(facts.epoch(), exit).tombstone());
    }
}
