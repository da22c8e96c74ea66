package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Calls that QEMU must answer. A QEMU that waits for another host, or for a TPM that is stopped, does not, and libvirt waits
 * for it without a limit; such a call then returns as unanswered, and goes on. At most one call per domain is open.
 */
final class QemuCalls<T> {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final T unanswered;
    private final Duration timeout;
    private final Consumer<T> late;
    private final Map<UUID, CompletableFuture<T>> open = new ConcurrentHashMap<>();

    /** @param unanswered the result of a call that is not answered in time */
    QemuCalls(T unanswered) {
        this(unanswered, TIMEOUT, answer -> {});
    }

    QemuCalls(T unanswered, Duration timeout) {
        this(unanswered, timeout, answer -> {});
    }

    /** @param late gets each answer that nobody waits for any more */
    QemuCalls(T unanswered, Consumer<T> late) {
        this(unanswered, TIMEOUT, late);
    }

    private QemuCalls(T unanswered, Duration timeout, Consumer<T> late) {
        this.unanswered = unanswered;
        this.timeout = timeout;
        this.late = late;
    }

    T call(UUID vm, Supplier<T> call) {
        CompletableFuture<T> mine = new CompletableFuture<>();
        if (open.putIfAbsent(vm, mine) != null) {
            return unanswered;
        }
        Thread.ofPlatform().daemon().name("qemu-" + vm).start(() -> answer(vm, mine, call));
        return result(mine);
    }

    private void answer(UUID vm, CompletableFuture<T> mine, Supplier<T> call) {
        T answer;
        try {
            answer = call.get();
        } catch (RuntimeException | Error e) {
            open.remove(vm);
            mine.completeExceptionally(e);
            return;
        }
        open.remove(vm);
        if (!mine.complete(answer)) {
            late.accept(answer);
        }
    }

    private T result(CompletableFuture<T> answer) {
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // It may have come in this instant.
            return answer.complete(unanswered) ? unanswered : result(answer);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            if (!answer.complete(unanswered) && !answer.isCompletedExceptionally()) {
                late.accept(answer.join());
            }
            Thread.currentThread().interrupt();
            throw new HypervisorException(new HypervisorFailure.Unavailable("interrupted"), e);
        }
    }
}
