package io.trustedlaunch.agent.console;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.trustedlaunch.agent.console.OutputBuffer.WhenFull;
import io.trustedlaunch.console.Frame;
import io.trustedlaunch.console.Frames;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OutputBufferTest {
    private final OutputBuffer buffer = new OutputBuffer(100, WhenFull.DROP_OLDEST);

    @Test
    void bytesWrittenOneByOneAreSentTogether() throws InterruptedException {
        put("l");
        put("o");
        put("gin: ");

        assertThat(next()).isEqualTo("login: ");
    }

    @Test
    void outputForASlowClientIsDroppedOldestFirstAndThisIsReported() throws InterruptedException {
        for (int i = 0; i < 50; i++) {
            put("line %02d\n".formatted(i));
        }

        assertThat(next()).contains("[300 bytes were dropped");
        assertThat(next()).startsWith(" 37\nline 38\n").endsWith("line 49\n");
    }

    @Test
    void theFirstEndCountsAndFollowsTheHeldOutput() throws InterruptedException {
        put("bye");
        buffer.end(new Frame.Ended("taken over"));
        buffer.end(new Frame.Away("gone"));

        assertThat(next()).isEqualTo("bye");
        assertThat(buffer.next()).contains(new Frame.Ended("taken over"));
        assertThat(buffer.next()).isEqualTo(Optional.empty());
    }

    @Test
    void noFrameIsLongerThanAFrameMayBe() throws InterruptedException {
        OutputBuffer big = new OutputBuffer(1 << 20, WhenFull.DROP_OLDEST);
        byte[] much = new byte[Frames.LONGEST];
        big.put(much, much.length);
        big.put(much, 1);

        assertThat(((Frame.Output) big.next().orElseThrow()).bytes()).hasSize(Frames.LONGEST);
        assertThat(((Frame.Output) big.next().orElseThrow()).bytes()).hasSize(1);
    }

    /** A guest writes byte by byte to a client that reads nothing, and the agent has many clients. */
    @Test
    void singleBytesTakeNoMoreMemoryThanOthers() throws InterruptedException {
        OutputBuffer big = new OutputBuffer(1 << 20, WhenFull.DROP_OLDEST);
        byte[] one = {'x'};
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = memory.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 1 << 20; i++) {
            big.put(one, 1);
        }
        long allocated = memory.getCurrentThreadAllocatedBytes() - before;

        assertThat(allocated).isLessThan(1 << 20);
        assertThat(((Frame.Output) big.next().orElseThrow()).bytes()).hasSize(Frames.LONGEST);
    }

    @Test
    void whatDoesNotFitAtAllIsDroppedButItsEnd() throws InterruptedException {
        put("before");
        put("x".repeat(150) + "end");

        assertThat(next()).contains("[59 bytes were dropped");
        assertThat(next()).hasSize(100).doesNotContain("before").endsWith("xend");
    }

    /** Of the protocol of VNC no byte can be missing. */
    @Test
    void aScreensOutputWaitsForASlowClientAndIsWhole() throws Exception {
        OutputBuffer screen = new OutputBuffer(100, WhenFull.WAIT);
        byte[] bytes = new byte[80];
        CompletableFuture<Void> putting = CompletableFuture.runAsync(() -> {
            try {
                for (byte i = 0; i < 10; i++) {
                    Arrays.fill(bytes, i);
                    screen.put(bytes, bytes.length);
                }
                screen.end(new Frame.Away("gone"));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        for (byte i = 0; i < 10; i++) {
            assertThat(((Frame.Output) screen.next().orElseThrow()).bytes())
                    .hasSize(80)
                    .containsOnly(i);
        }
        assertThat(screen.next()).contains(new Frame.Away("gone"));
        putting.get(10, TimeUnit.SECONDS);
    }

    @Test
    void whoWaitsForASlowClientIsReleasedByTheEnd() throws Exception {
        OutputBuffer screen = new OutputBuffer(100, WhenFull.WAIT);
        screen.put(new byte[80], 80);
        CompletableFuture<Void> putting = CompletableFuture.runAsync(() -> {
            try {
                screen.put(new byte[80], 80);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        screen.end(new Frame.Ended("taken over"));
        putting.get(10, TimeUnit.SECONDS);
        assertThat(((Frame.Output) screen.next().orElseThrow()).bytes()).hasSize(80);
        assertThat(screen.next()).contains(new Frame.Ended("taken over"));
    }

    private void put(String text) throws InterruptedException {
        buffer.put(text.getBytes(US_ASCII), text.length());
    }

    private String next() throws InterruptedException {
        return new String(((Frame.Output) buffer.next().orElseThrow()).bytes(), US_ASCII);
    }
}
