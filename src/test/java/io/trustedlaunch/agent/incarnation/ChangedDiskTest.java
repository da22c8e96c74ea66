package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Who writes to the storage location has changed a disk of a VM that does not run. */
class ChangedDiskTest extends OneHost {
    private static final int BACKING_FILE_OFFSET = 8;

    @Test
    void noGuestRunsFromADiskThatRefersToAnotherFile() throws IOException {
        world.pass(incarnation);
        world.stop(incarnation);
        writeToHeader(112);

        VMIncarnation second = world.start(2);
        assertThat(world.reason(second)).isEqualTo(Reason.DiskUnusable);
        assertThat(world.status(second).message())
                .contains(world.folder().osDisk().toString(), "backing file");
        assertThat(world.guestsStarted()).isEqualTo(1);

        writeToHeader(0);
        world.later(Duration.ofMinutes(3));
        world.pass(second);
        world.assertRuns();
    }

    private void writeToHeader(long backingFile) throws IOException {
        try (RandomAccessFile disk =
                new RandomAccessFile(world.folder().osDisk().toFile(), "rw")) {
            disk.seek(BACKING_FILE_OFFSET);
            disk.writeLong(backingFile);
        }
    }
}
