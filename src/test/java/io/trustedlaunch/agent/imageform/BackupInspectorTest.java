package io.trustedlaunch.agent.imageform;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.agent.imageform.ImageForm.Refused;
import io.trustedlaunch.catalog.ImageFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks of backups, which are encrypted, and disks of VMs, which have bitmaps. */
class BackupInspectorTest {
    /** Those that only a disk of a backup can have. */
    static final Set<ImageFault> FAULTS = Set.of(ImageFault.NotEncrypted);

    private static final int LUKS_POINTER = 0x0537BE77;
    private static final int BITMAPS = 0x23852875;

    @TempDir
    private Path folder;

    /** Its LUKS header is where the fixture has a free cluster. */
    private static ByteBuffer encrypted() {
        ByteBuffer image = Qcow2Fixture.valid();
        image.putInt(Qcow2Fixture.ENCRYPTION, 2);
        image.putLong(Qcow2Fixture.L2 + 8, 0);
        int extension = Qcow2Fixture.EXTENSION;
        image.putInt(extension, LUKS_POINTER).putInt(extension + 4, 16);
        image.putLong(extension + 8, Qcow2Fixture.FREE).putLong(extension + 16, Qcow2Fixture.CLUSTER);
        return image.putInt(extension + 24, 0).putInt(extension + 28, 0);
    }

    @Test
    void anEncryptedQcow2IsADiskOfABackupAndNoImage() throws IOException {
        assertThat(inspect(encrypted())).isEqualTo(new Accepted(ImageFormat.qcow2, Qcow2Fixture.VIRTUAL_BYTES));
        assertThat(ImageInspector.inspect(file(encrypted()))).isEqualTo(new Refused(ImageFault.Encrypted));
    }

    @Test
    void aDiskOfABackupIsEncryptedWithLuks() throws IOException {
        assertThat(inspect(Qcow2Fixture.valid())).isEqualTo(new Refused(ImageFault.NotEncrypted));
        assertThat(inspect(encrypted().putInt(Qcow2Fixture.ENCRYPTION, 0)))
                .isEqualTo(new Refused(ImageFault.NotEncrypted));
        assertThat(inspect(encrypted().putInt(Qcow2Fixture.ENCRYPTION, 1)))
                .isEqualTo(new Refused(ImageFault.Encrypted));
        assertThat(inspect(VhdxFixture.valid())).isEqualTo(new Refused(ImageFault.NotEncrypted));
        assertThat(inspect(ByteBuffer.allocate(0))).isEqualTo(new Refused(ImageFault.Empty));
    }

    @Test
    void aDiskOfABackupNeedsNoOtherFileAndHasSoundTables() throws IOException {
        assertThat(inspect(encrypted().putLong(Qcow2Fixture.BACKING, 512)))
                .isEqualTo(new Refused(ImageFault.BackingFile));
        assertThat(inspect(encrypted().putLong(Qcow2Fixture.INCOMPATIBLE, 4)))
                .isEqualTo(new Refused(ImageFault.ExternalDataFile));
        assertThat(inspect(encrypted().putInt(Qcow2Fixture.SNAPSHOTS, 1))).isEqualTo(new Refused(ImageFault.Snapshots));
        assertThat(inspect(encrypted().putInt(Qcow2Fixture.EXTENSION + 24, BITMAPS)))
                .isEqualTo(new Refused(ImageFault.Bitmaps));
        assertThat(inspect(encrypted().putLong(Qcow2Fixture.L2, Qcow2Fixture.END)))
                .isEqualTo(new Refused(ImageFault.DataOutside));
    }

    @Test
    void theLuksHeaderIsInTheFile() throws IOException {
        int range = Qcow2Fixture.EXTENSION + 8;
        for (long offset : new long[] {-1, Long.MAX_VALUE, Qcow2Fixture.END, Qcow2Fixture.FREE + 1}) {
            assertThat(inspect(encrypted().putLong(range, offset))).isEqualTo(new Refused(ImageFault.TableOutside));
        }
        assertThat(inspect(encrypted().putLong(range + 8, -1))).isEqualTo(new Refused(ImageFault.TableOutside));
        assertThat(inspect(encrypted().putInt(range - 4, 8))).isEqualTo(new Refused(ImageFault.BadHeader));
    }

    /** Its tables cost no memory before they are found to be in the file. */
    @Test
    void aTableThatIsTooLargeIsRefused() throws IOException {
        assertThat(inspect(encrypted().putInt(Qcow2Fixture.L1_ENTRIES, -1)))
                .isEqualTo(new Refused(ImageFault.TableTooLarge));
        assertThat(inspect(encrypted().putInt(Qcow2Fixture.L1_ENTRIES, 4 << 20)))
                .isEqualTo(new Refused(ImageFault.TableOutside));
        assertThat(inspect(encrypted().putLong(Qcow2Fixture.SIZE, 1L << 62))).isInstanceOf(Refused.class);
    }

    @Test
    void aTruncatedDiskOfABackupIsRefused() throws IOException {
        byte[] whole = encrypted().array();
        for (int length = 0; length < whole.length; length += 64) {
            assertThat(inspect(ByteBuffer.wrap(Arrays.copyOf(whole, length))))
                    .as(length + " bytes")
                    .isInstanceOf(Refused.class);
        }
    }

    @Test
    void theSizeOfADiskWithBitmapsOfBackupsIsKnown() throws IOException {
        ByteBuffer disk = Qcow2Fixture.valid().putInt(Qcow2Fixture.EXTENSION, BITMAPS);

        assertThat(ImageInspector.virtualSizeOfQcow2(file(disk))).contains(Qcow2Fixture.VIRTUAL_BYTES);
        assertThat(ImageInspector.inspect(file(disk))).isEqualTo(new Refused(ImageFault.Bitmaps));
    }

    private ImageForm inspect(ByteBuffer image) throws IOException {
        return ImageInspector.inspectBackup(file(image));
    }

    private Path file(ByteBuffer image) throws IOException {
        return Files.write(folder.resolve("disk.qcow2"), image.array());
    }
}
