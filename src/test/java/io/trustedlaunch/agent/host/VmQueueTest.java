package io.trustedlaunch.agent.host;

import static org.awaitility.Awaitility.await;

import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class VmQueueTest {
    private static final UUID VM = UUID.fromString("7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b");

    @Test
    void aVmWhoseWorkFailsWithAnErrorGetsItsNextTurn() {
        AtomicInteger turns = new AtomicInteger();
        try (VmQueue queue = new VmQueue("test", 1, vm -> {
            if (turns.incrementAndGet() == 1) {
                throw new NoClassDefFoundError("of a native library");
            }
            return Optional.empty();
        })) {
            queue.wake(VM);
            await().until(() -> turns.get() == 1 && queue.isIdle());

            queue.wake(VM);

            await().until(() -> turns.get() == 2);
        }
    }
}
