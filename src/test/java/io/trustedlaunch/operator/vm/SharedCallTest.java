package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SharedCallTest {
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final AtomicInteger calls = new AtomicInteger();

    @Test
    void oneCallServesAllWhoAskedWhileTheLastOneWasUnderway() throws Exception {
        SharedCall call = new SharedCall(() -> {
            calls.incrementAndGet();
            await(mayEnd);
        });
        Thread first = Thread.ofPlatform().start(call::run);
        until(() -> calls.get() == 1);
        List<Thread> others = Stream.generate(() -> Thread.ofPlatform().start(call::run))
                .limit(20)
                .toList();
        until(() -> others.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING));
        assertThat(calls.get()).isEqualTo(1);
        mayEnd.countDown();
        first.join();
        for (Thread other : others) {
            other.join();
        }
        assertThat(calls.get()).isEqualTo(2);
        call.run();
        assertThat(calls.get()).as("nothing is remembered").isEqualTo(3);
    }

    @Test
    void aCallThatFailsServesNobody() throws Exception {
        SharedCall call = new SharedCall(() -> {
            if (calls.incrementAndGet() == 1) {
                await(mayEnd);
                throw new IllegalStateException("another process leads");
            }
        });
        Thread other = Thread.ofPlatform().unstarted(call::run);
        Thread helper = Thread.ofPlatform().start(() -> {
            until(() -> calls.get() == 1);
            other.start();
            until(() -> other.getState() == Thread.State.WAITING);
            mayEnd.countDown();
        });
        assertThatThrownBy(call::run).hasMessage("another process leads");
        helper.join();
        other.join();
        assertThat(calls.get()).isEqualTo(2);
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
