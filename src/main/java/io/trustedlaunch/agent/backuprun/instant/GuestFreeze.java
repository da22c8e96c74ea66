package io.trustedlaunch.agent.backuprun.instant;

import io.trustedlaunch.agent.hypervisor.FreezeOutcome;
import io.trustedlaunch.agent.hypervisor.GuestBackups;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the guest agent freeze the guest's file systems for the moment of an instant. That the guest may be frozen is on record
 * before it is asked, whatever it answers, so that the next process thaws it.
 */
public final class GuestFreeze {
    private static final Logger LOG = LoggerFactory.getLogger(GuestFreeze.class);

    /** The guest agent must answer within this time. */
    public static final Duration LIMIT = Duration.ofSeconds(10);

    private final UUID vm;
    private final GuestBackups backups;
    private final boolean wanted;
    private final Consumer<Boolean> freezing;
    private final Failpoints failpoints;
    private Optional<FreezeOutcome> outcome = Optional.empty();

    /**
     * @param wanted whether the agent is asked at all
     * @param freezing is called before the guest is frozen, and after it was thawed
     */
    public GuestFreeze(
            UUID vm, GuestBackups backups, boolean wanted, Consumer<Boolean> freezing, Failpoints failpoints) {
        this.vm = vm;
        this.backups = backups;
        this.wanted = wanted;
        this.freezing = freezing;
        this.failpoints = failpoints;
    }

    @FunctionalInterface
    interface Action<T> {
        T run() throws IOException;
    }

    /** The outcome of the last action; empty if the agent was not asked. */
    public Optional<FreezeOutcome> outcome() {
        return outcome;
    }

    /** An agent that could not freeze the guest is not asked again: it would be waited for at each attempt. */
    <T> T during(Action<T> action) throws IOException {
        if (!wanted || outcome.filter(last -> last != FreezeOutcome.FROZEN).isPresent()) {
            return action.run();
        }
        freezing.accept(true);
        failpoints.reached(Failpoint.BACKUP_FREEZE_RECORDED);
        try {
            outcome = Optional.of(backups.freeze(vm, LIMIT));
            return action.run();
        } finally {
            if (isThawed(vm, backups)) {
                freezing.accept(false);
            }
        }
    }

    /** A guest whose agent does not thaw it holds up nothing else. */
    public static boolean isThawed(UUID vm, GuestBackups backups) {
        boolean thawed = backups.thaw(vm, LIMIT);
        if (!thawed) {
            LOG.warn("VM {}: the guest agent does not confirm that it has thawed the guest's file systems", vm);
        }
        return thawed;
    }
}
