package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Calls that QEMU must answer. A QEMU that waits for another host, or for a TPM that is stopped, does not, and libvirt waits
 * for it without a limit; such a call then returns as unanswered, and goes on. At most one call per domain is open.
 */
final class QemuCalls<T> {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final T unanswered;
    private final Duration timeout;
    private final Map<UUID, FutureTask<T>> open = new ConcurrentHashMap<>();

    /** @param unanswered the result of a call that is not answered in time */
    QemuCalls(T unanswered) {
        this(unanswered, TIMEOUT);
    }

    QemuCalls(T unanswered, Duration timeout) {
        this.unanswered = unanswered;
        this.timeout = timeout;
    }

    T call(UUID vm, Supplier<T> call) {
        FutureTask<T> mine = new FutureTask<>(() -> {
            try {
                return call.get();
            } finally {
                open.remove(vm);
            }
        });
        FutureTask<T> earlier = open.putIfAbsent(vm, mine);
        if (earlier != null) {
            return unanswered;
        }
        Thread.ofPlatform().daemon().name("qemu-" + vm).start(mine);
        return result(mine);
    }

    private T result(FutureTask<T> task) {
        try {
            return task.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return unanswered;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HypervisorException(new HypervisorFailure.Unavailable("interrupted"), e);
        }
    }
}
