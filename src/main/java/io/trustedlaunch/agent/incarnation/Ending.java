package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;

/** A life's end on the host: the power button, the power, and what is removed after. */
final class Ending {
    private final Host host;
    private final Failpoints failpoints;

    Ending(Host host, Failpoints failpoints) {
        this.host = host;
        this.failpoints = failpoints;
    }

    void pressPowerButton(IncarnationFacts facts, Instant deadline) {
        VmRecord record = host.memory().known(facts.vm());
        if (record.deadlineOf(facts.epoch()).filter(deadline::equals).isEmpty()) {
            host.memory().remember(facts.vm(), record.askedToShutDown(facts.epoch(), deadline));
        }
        host.hypervisor().requestShutdown(facts.vm());
        failpoints.reached(Failpoint.AGENT_SHUTDOWN_REQUESTED);
    }

    /** How it ended is remembered first: afterwards it can no longer be seen. */
    void cutPower(IncarnationFacts facts, Exit exit) {
        long epoch = facts.domain().map(domain -> domain.epoch()).orElse(facts.epoch());
        rememberEnd(facts.vm(), epoch, exit);
        host.hypervisor().destroy(facts.vm());
    }

    void rememberEnd(UUID vm, long epoch, Exit exit) {
        host.memory().recall(vm).known().ifPresent(record -> host.memory().remember(vm, record.endedAs(epoch, exit)));
    }

    /** What a stopped VM needs no more: it may hold passwords. */
    void clear(UUID vm) {
        failpoints.reached(Failpoint.AGENT_DOMAIN_GONE);
        host.seeds().remove(vm);
    }

    /** The state first: once it is gone, what is left of the disks is of no use to anybody. */
    void erase(IncarnationFacts facts, Exit exit) {
        UUID vm = facts.vm();
        clear(vm);
        host.hypervisor().eraseState(vm);
        failpoints.reached(Failpoint.AGENT_STATE_ERASED);
        host.disks()
                .erase(new VmFolder(Path.of(facts.spec().machine().location().path()), vm));
        failpoints.reached(Failpoint.AGENT_DISKS_ERASED);
        host.memory()
                .remember(
                        vm, host.memory().known(vm).endedAs(facts.epoch(), exit).tombstone());
    }
}
