package io.trustedlaunch.agent.backuprun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.backup.DiskReadException;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.pack.DiskSource;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

class DiskReadsTest {
    private static final int BLOCK = Geometry.STANDARD.blockBytes();

    /** Four blocks, the last of which is not a whole one. */
    private static final long BYTES = 3L * BLOCK + 512;

    private static final BackupRunDisk ROOT = new BackupRunDisk("root", Path.of("/disk"), BYTES, 0);

    private Instant now = Instant.EPOCH;
    private final DiskReads reads = new DiskReads(() -> now);
    private Runnable whileReading = () -> {};
    private IOException failure;

    /** All of its blocks are to be read. */
    private DiskSource disk(long bytes) {
        BitSet all = new BitSet();
        all.set(0, 4);
        return new DiskSource() {
            @Override
            public long bytes() {
                return bytes;
            }

            @Override
            public Wanted wanted(Geometry geometry) {
                return new Wanted(all, true);
            }

            @Override
            public Reader open() {
                return new Reader() {
                    @Override
                    public void read(long offset, ByteBuffer into) throws IOException {
                        whileReading.run();
                        if (failure != null) {
                            throw failure;
                        }
                        into.position(into.limit());
                    }

                    @Override
                    public void close() {
                        // There is nothing to close.
                    }
                };
            }
        };
    }

    @Test
    void itsProgressIsThatOfAllThatIsWanted() throws Exception {
        try (DiskSource.Reader root = reads.counted(ROOT, disk(BYTES)).open();
                DiskSource.Reader other = reads.counted(ROOT, disk(BYTES)).open()) {
            assertThat(reads.percent()).isZero();
            root.read(0, ByteBuffer.allocate((int) BYTES));
            assertThat(reads.percent()).isEqualTo(50);
            other.read(0, ByteBuffer.allocate((int) BYTES));
            assertThat(reads.percent()).as("its end is reported otherwise").isEqualTo(99);
            other.read(0, ByteBuffer.allocate((int) BYTES));
            assertThat(reads.percent()).as("more is read than was wanted").isEqualTo(99);
        }
    }

    @Test
    void nothingToReadIsNoError() {
        assertThat(reads.percent()).isZero();
        assertThat(reads.silence()).isEmpty();
    }

    @Test
    void onlyAnAnswerThatIsAwaitedCountsAsSilence() throws Exception {
        try (DiskSource.Reader reader = reads.counted(ROOT, disk(BYTES)).open()) {
            now = now.plus(Duration.ofHours(1));
            assertThat(reads.silence()).as("a slow store").isEmpty();
            whileReading = () -> {
                now = now.plus(Duration.ofMinutes(10));
                assertThat(reads.silence()).isEmpty();
                now = now.plusMillis(1);
                assertThat(reads.silence().orElseThrow().message()).contains("disk root");
            };
            reader.read(0, ByteBuffer.allocate(1));
            assertThat(reads.silence()).isEmpty();
        }
    }

    @Test
    void aFailureNamesTheDisk() throws Exception {
        failure = new SocketException("Broken pipe");
        try (DiskSource.Reader reader = reads.counted(ROOT, disk(BYTES)).open()) {
            assertThatThrownBy(() -> reader.read(0, ByteBuffer.allocate(1)))
                    .isInstanceOf(DiskReadException.class)
                    .hasMessage("cannot read disk root: Broken pipe");
            assertThat(reads.percent()).isZero();
        }
        assertThatThrownBy(() -> reads.counted(ROOT, disk(BYTES + 1)))
                .isInstanceOf(DiskReadException.class)
                .hasMessage("cannot read disk root: it has " + BYTES + " bytes, and " + (BYTES + 1) + " are served");
    }
}
