package io.trustedlaunch.agent.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.agent.nbd.NbdClient;
import io.trustedlaunch.agent.nbd.NbdContext;
import io.trustedlaunch.agent.nbd.NbdException;
import io.trustedlaunch.agent.nbd.NbdExtent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What QEMU serves of an instant, read by our own client: everything, and what has changed since the last one. */
class NbdReadsIT {
    private static final int INSTANTS = Integer.getInteger("nbd.instants", 12);
    private static final long SEED = Long.getLong("nbd.seed", new Random().nextLong());

    /** No whole number of clusters. */
    private static final int BYTES = (8 << 20) + 3 * 512;

    @TempDir
    private Path folder;

    private final Random random = new Random(SEED);
    private final ModelDisk model = new ModelDisk(BYTES, random);

    @BeforeEach
    void makeDisk() throws Exception {
        QemuImages.qemuImg(
                "create", "-q", "-f", "qcow2", folder.resolve("disk.qcow2").toString(), Integer.toString(BYTES));
    }

    @Test
    void eachInstantIsReadWholeAndByItsChanges() throws Exception {
        try (StorageDaemon daemon = new StorageDaemon(folder, BYTES)) {
            byte[] copy = new byte[BYTES];
            Optional<String> base = Optional.empty();
            for (int instant = 0; instant < INSTANTS; instant++) {
                daemon.write(model.writes());
                daemon.begin("checkpoint-" + instant, base);
                byte[] expected = model.content();
                daemon.write(model.writes());
                byte[] whole = new byte[BYTES];
                readAll(daemon.export(), NbdContext.ALLOCATION, whole);
                assertThat(whole)
                        .as("-Dnbd.seed=" + SEED + ", instant " + instant)
                        .isEqualTo(expected);
                if (base.isPresent()) {
                    readAll(
                            daemon.export(),
                            NbdContext.dirtyBitmap(daemon.export().name()),
                            copy);
                    assertThat(copy)
                            .as("-Dnbd.seed=" + SEED + ", instant " + instant)
                            .isEqualTo(expected);
                    daemon.end(base);
                    daemon.remove(base.get());
                } else {
                    copy = expected;
                    daemon.end(base);
                }
                base = Optional.of("checkpoint-" + instant);
            }
        }
    }

    /** Over what is there, where the context says that there is something to read. */
    private void readAll(DiskExport export, String context, byte[] over) throws IOException {
        try (NbdClient client = NbdClient.open(export.socket(), export.name(), List.of(context))) {
            assertThat(client.bytes()).isEqualTo(BYTES);
            long at = 0;
            while (at < BYTES) {
                int asked = (int) Math.min(BYTES - at, 1 + random.nextInt(3 << 20));
                for (NbdExtent extent : client.status(at, asked).getFirst()) {
                    boolean read = context.equals(NbdContext.ALLOCATION)
                            ? !extent.has(NbdContext.ZERO)
                            : extent.has(NbdContext.DIRTY);
                    if (read) {
                        client.read(
                                extent.offset(), ByteBuffer.wrap(over, (int) extent.offset(), (int) extent.length()));
                    }
                    at = extent.end();
                }
            }
        }
    }

    @Test
    void whatIsNotServedIsRefused() throws Exception {
        try (StorageDaemon daemon = new StorageDaemon(folder, BYTES)) {
            daemon.begin("checkpoint-0", Optional.empty());
            assertThatThrownBy(() -> NbdClient.open(daemon.export().socket(), "other", List.of()))
                    .isInstanceOf(NbdException.class)
                    .hasMessageContaining("it refuses");
            assertThatThrownBy(() -> NbdClient.open(
                            daemon.export().socket(), daemon.export().name(), List.of(NbdContext.dirtyBitmap("os"))))
                    .isInstanceOf(NbdException.class);
            daemon.end(Optional.empty());
        }
    }
}
