package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Queries the progress of migrations. A QEMU that waits for the other host does not respond, and blocks libvirt; the query then
 * returns a migration of unknown progress instead of waiting. At most one query per domain is open.
 */
final class ProgressQueries {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final Map<UUID, FutureTask<Optional<MigrationProgress>>> open = new ConcurrentHashMap<>();

    Optional<MigrationProgress> query(UUID vm, Supplier<Optional<MigrationProgress>> call) {
        FutureTask<Optional<MigrationProgress>> mine = new FutureTask<>(() -> {
            try {
                return call.get();
            } finally {
                open.remove(vm);
            }
        });
        FutureTask<Optional<MigrationProgress>> earlier = open.putIfAbsent(vm, mine);
        if (earlier != null) {
            return DomainJobs.unmeasured();
        }
        Thread.ofPlatform().daemon().name("progress-" + vm).start(mine);
        return result(mine);
    }

    private static Optional<MigrationProgress> result(FutureTask<Optional<MigrationProgress>> task) {
        try {
            return task.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return DomainJobs.unmeasured();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HypervisorException(new HypervisorFailure.Unavailable("interrupted"), e);
        }
    }
}
