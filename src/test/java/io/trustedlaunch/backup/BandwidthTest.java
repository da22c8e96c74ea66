package io.trustedlaunch.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BandwidthTest {
    private static final int MIB = 1 << 20;

    private final AtomicLong now = new AtomicLong(-5);

    private Bandwidth perSecond(long bytes) {
        return new Bandwidth(bytes, now::get, time -> now.addAndGet(time.toNanos()));
    }

    @Test
    void soManyBytesPassInASecond() throws InterruptedIOException {
        Bandwidth bandwidth = perSecond(10L * MIB);
        long began = now.get();
        for (int passed = 0; passed < 35; passed++) {
            bandwidth.pass(MIB);
        }
        assertThat(Duration.ofNanos(now.get() - began).toMillis()).isBetween(3499L, 3500L);
    }

    @Test
    void whatWasNotUsedIsNotMadeUpFor() throws InterruptedIOException {
        Bandwidth bandwidth = perSecond(MIB);
        now.addAndGet(Duration.ofHours(1).toNanos());
        long began = now.get();
        bandwidth.pass(MIB);
        bandwidth.pass(MIB);
        assertThat(Duration.ofNanos(now.get() - began)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void noPieceTakesLong() {
        assertThat(perSecond(1).piece()).isOne();
        assertThat(perSecond(MIB).piece()).isEqualTo(MIB / 10);
        assertThat(perSecond(Long.MAX_VALUE).piece()).isEqualTo(MIB);
        assertThatThrownBy(() -> perSecond(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aThreadThatIsInterruptedEnds() {
        Bandwidth bandwidth = new Bandwidth(1, now::get, time -> {
            throw new InterruptedException();
        });
        assertThatThrownBy(() -> bandwidth.pass(1)).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
    }
}
