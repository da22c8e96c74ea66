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
 * Asks how far migrations are. A QEMU that waits for the other host answers nothing, and libvirt waits with it: then there
 * is something under way, and whoever asked has other things to do. One question a domain is open at a time.
 */
final class ProgressQueries {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Map<UUID, FutureTask<Optional<MigrationProgress>>> open = new ConcurrentHashMap<>();

    Optional<MigrationProgress> ask(UUID vm, Supplier<Optional<MigrationProgress>> question) {
        FutureTask<Optional<MigrationProgress>> mine = new FutureTask<>(() -> {
            try {
                return question.get();
            } finally {
                open.remove(vm);
            }
        });
        FutureTask<Optional<MigrationProgress>> earlier = open.putIfAbsent(vm, mine);
        if (earlier != null) {
            return DomainJobs.unmeasured();
        }
        Thread.ofPlatform().daemon().name("progress-" + vm).start(mine);
        return answer(mine);
    }

    private static Optional<MigrationProgress> answer(FutureTask<Optional<MigrationProgress>> question) {
        try {
            return question.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
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
