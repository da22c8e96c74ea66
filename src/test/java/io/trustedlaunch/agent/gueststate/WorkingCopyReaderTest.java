package io.trustedlaunch.agent.gueststate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.testkit.VariableStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkingCopyReaderTest {
    private static final byte[] WHOLE = VariableStores.with("platform key", "boot order");

    @TempDir
    private Path folder;

    private WorkingCopy copy;

    @BeforeEach
    void aGuestHasAWorkingCopy() throws IOException {
        Path tpm = Files.createDirectory(folder.resolve("tpm2")).resolve("tpm2-00.permall");
        copy = new WorkingCopy(UUID.randomUUID(), tpm, folder.resolve("VARS.fd"), WorkingCopy.State.PRESENT);
        Files.write(tpm, new byte[] {1, 2, 3});
        Files.write(copy.variables(), WHOLE);
    }

    @Test
    void completeStateIsReadUnchanged() throws IOException {
        WorkingCopyContent content = WorkingCopyReader.read(copy);

        assertThat(content.tpm()).containsExactly(1, 2, 3);
        assertThat(content.variables()).isEqualTo(WHOLE);
        assertThat(content.changedAt())
                .isEqualTo(Files.getLastModifiedTime(copy.variables()).toInstant());
    }

    /** Otherwise a power cut at this moment would leave the home without them. */
    @Test
    void variablesDuringReclaimAreReadAsCompleted() throws IOException {
        Files.write(copy.variables(), VariableStores.beingTidiedUp(WHOLE));

        byte[] read = WorkingCopyReader.read(copy).variables();

        assertThat(Arrays.copyOf(read, VariableStores.LOG)).isEqualTo(Arrays.copyOf(WHOLE, VariableStores.LOG));
    }

    @Test
    void variablesWithoutAHeaderAreNotRead() throws IOException {
        byte[] erased = WHOLE.clone();
        Arrays.fill(erased, 0, VariableStores.LOG, (byte) 0xff);
        Files.write(copy.variables(), erased);

        assertThatThrownBy(() -> WorkingCopyReader.read(copy))
                .isInstanceOf(UnsettledWorkingCopyException.class)
                .hasMessageContaining("header");
    }

    @Test
    void aLinkIsNotFollowed() throws IOException {
        Path elsewhere = Files.move(copy.variables(), folder.resolve("elsewhere"));
        Files.createSymbolicLink(copy.variables(), elsewhere);

        assertThatThrownBy(() -> WorkingCopyReader.read(copy)).isInstanceOf(IOException.class);
    }
}
