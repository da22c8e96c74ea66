package io.trustedlaunch.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import org.junit.jupiter.api.Test;

class VMBackupTest {
    /** One record may be an import by way of another BackupLocation, which has the same store mounted elsewhere. */
    @Test
    void twoAreInOneStoreIfItsIdIsOnRecordInBoth() {
        VMBackup monday = inStore("5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e");

        assertThat(monday.isInStoreOf(inStore("5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e")))
                .isTrue();
        assertThat(monday.isInStoreOf(inStore("00000000-0000-4000-8000-000000000001")))
                .isFalse();
        assertThat(monday.isInStoreOf(new VMBackup())).isFalse();
        assertThat(inStore(null).isInStoreOf(inStore(null)))
                .as("nothing is known")
                .isFalse();
    }

    private static VMBackup inStore(String id) {
        VMBackup backup = new VMBackup();
        backup.setStatus(VMBackupStatusBuilder.builder().locationID(id).build());
        return backup;
    }
}
