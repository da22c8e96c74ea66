package io.trustedlaunch.agent.gueststate;

import io.trustedlaunch.agent.host.VmQueue;
import io.trustedlaunch.agent.host.WorkMeter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.Consumer;

/** Seals the state of guests as it changes, on threads of its own. */
public final class GuestStateSealing implements AutoCloseable {
    /** Sealing mostly waits for the storage location's disks. */
    private static final int THREADS = 4;

    private final GuestStateKeeper keeper;
    private final VmQueue queue;

    /** @param changed gets the VM whose state was sealed, or was not */
    public GuestStateSealing(InstantSource clock, Consumer<UUID> changed, WorkMeter meter) {
        this.queue = new VmQueue("seal", THREADS, vm -> keeper().seal(vm));
        this.keeper = new GuestStateKeeper(workingCopyChanges(queue::wake), clock, changed, meter);
    }

    public GuestStateKeeper keeper() {
        return keeper;
    }

    @Override
    public void close() {
        queue.close();
        keeper.close();
    }

    private static WorkingCopyChanges workingCopyChanges(Consumer<UUID> listener) {
        try {
            return InotifyChanges.notifying(listener);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot watch working copies; raise fs.inotify.max_user_instances on this host", e);
        }
    }
}
