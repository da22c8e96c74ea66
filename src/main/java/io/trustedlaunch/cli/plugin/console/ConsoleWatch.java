package io.trustedlaunch.cli.plugin.console;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.api.vm.VMConsoleStatus;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Follows a VMConsole: where its status says that the console is, until it is deleted. */
final class ConsoleWatch implements AutoCloseable {
    /** Who waits looks at the time, too. */
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(500);

    private final Runnable onDelete;
    private final SharedIndexInformer<VMConsole> informer;
    private Optional<VMConsole> latest = Optional.empty();
    private boolean deleted;

    /** @param onDelete called once the VMConsole is gone */
    ConsoleWatch(Resource<VMConsole> console, Runnable onDelete) {
        this.onDelete = onDelete;
        this.informer = console.inform(new Handler());
    }

    /**
     * Waits until the status names a node; empty if the VMConsole is deleted, or it is over.
     *
     * @param pending gets what the status says meanwhile
     */
    synchronized Optional<VMConsoleStatus> awaitTarget(BooleanSupplier over, Consumer<String> pending)
            throws InterruptedException {
        while (!deleted && !over.getAsBoolean()) {
            Optional<VMConsoleStatus> status = latest.map(VMConsole::getStatus);
            if (status.filter(ConsoleWatch::namesNode).isPresent()) {
                return status;
            }
            status.map(VMConsoleStatus::conditions)
                    .flatMap(ConditionType.Open::in)
                    .map(Condition::getMessage)
                    .ifPresent(pending);
            wait(LOOK_INTERVAL.toMillis());
        }
        return Optional.empty();
    }

    private static boolean namesNode(VMConsoleStatus status) {
        return status.nodeName() != null && status.address() != null && status.port() != null;
    }

    /** Has who waits look whether it is over. */
    synchronized void wake() {
        notifyAll();
    }

    synchronized boolean isDeleted() {
        return deleted;
    }

    @Override
    public void close() {
        informer.close();
    }

    private synchronized void update(VMConsole now) {
        latest = Optional.of(now);
        notifyAll();
    }

    private void delete() {
        synchronized (this) {
            deleted = true;
            notifyAll();
        }
        onDelete.run();
    }

    private final class Handler implements ResourceEventHandler<VMConsole> {
        @Override
        public void onAdd(VMConsole added) {
            update(added);
        }

        @Override
        public void onUpdate(VMConsole before, VMConsole now) {
            if (!Objects.equals(before.getStatus(), now.getStatus())) {
                update(now);
            }
        }

        @Override
        public void onDelete(VMConsole removed, boolean finalStateUnknown) {
            delete();
        }
    }
}
