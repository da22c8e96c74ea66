package io.trustedlaunch.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.testkit.BackupLocations;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What it promises as a store, and how long that takes. */
class ThrottledStoreTest extends BackupStoreContract {
    private static final int BYTES = 10_000;

    @TempDir
    private Path folder;

    private final AtomicLong now = new AtomicLong();

    @Override
    protected BackupStore store() {
        return new ThrottledStore(
                BackupLocations.store(folder), new Bandwidth(BYTES, now::get, time -> now.addAndGet(time.toNanos())));
    }

    @Test
    void whatIsWrittenAndReadTakesItsTime() throws IOException {
        BackupStore store = store();
        store.write(ID, PACK, new ByteArrayInputStream(new byte[3 * BYTES]), 3 * BYTES);
        assertThat(now.get()).isEqualTo(3_000_000_000L);
        store.read(ID, PACK, 2 * BYTES);
        assertThat(now.get()).isEqualTo(5_000_000_000L);
    }
}
