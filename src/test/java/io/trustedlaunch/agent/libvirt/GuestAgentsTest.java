package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class GuestAgentsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final UUID vm = UUID.randomUUID();
    private final AtomicInteger limits = new AtomicInteger();

    /** What would set the domain's limit is counted, and not called: it needs libvirt's client library. */
    private final GuestAgents agents = new GuestAgents((domain, call) -> limits.incrementAndGet());

    private static <T> CompletableFuture<T> elsewhere(Supplier<T> call) {
        return CompletableFuture.supplyAsync(call, task -> Thread.ofVirtual().start(task));
    }

    @Test
    void noOtherCallSetsItsLimitBeforeACallHasEnded() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        CompletableFuture<Boolean> question = elsewhere(() -> agents.limited(vm, 2, () -> {
            begun.countDown();
            return await(mayEnd);
        }));
        begun.await();
        CompletableFuture<Integer> freeze = elsewhere(() -> agents.limited(vm, 10, limits::get));
        CompletableFuture<Integer> ofAnother = elsewhere(() -> agents.limited(UUID.randomUUID(), 2, limits::get));

        assertThat(ofAnother).succeedsWithin(PATIENCE).isEqualTo(2);
        assertThat(freeze).isNotDone();
        mayEnd.countDown();
        assertThat(question).succeedsWithin(PATIENCE).isEqualTo(true);
        assertThat(freeze).succeedsWithin(PATIENCE).isEqualTo(3);
    }

    @Test
    void aCallThatFailsLetsTheNextOneIn() {
        assertThat(elsewhere(() -> agents.limited(vm, 2, () -> {
                    throw new IllegalStateException("for the test");
                })))
                .failsWithin(PATIENCE);

        assertThat(elsewhere(() -> agents.limited(vm, 2, () -> "answer")))
                .succeedsWithin(PATIENCE)
                .isEqualTo("answer");
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
