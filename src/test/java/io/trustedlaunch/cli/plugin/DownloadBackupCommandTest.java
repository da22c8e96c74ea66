package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.cli.CommandException;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

class DownloadBackupCommandTest {
    /** A guest can write what looks like a qcow2 file, with a file of the user's as its backing file. */
    @Test
    void theHelpLetsNoProgramGuessTheFormat() {
        String help = String.join(
                " ", DownloadBackupCommand.class.getAnnotation(Command.class).description());

        assertThat(help).contains("guestmount --format=raw -a", "qemu-img convert -f raw -O");
    }

    @Test
    void aDataDiskHasItsOwnNameAndTheOsDiskIsRoot() {
        assertThat(DownloadBackupCommand.diskName("root")).isEqualTo("root");
        assertThat(DownloadBackupCommand.diskName("ledger")).isEqualTo("data-ledger");
        assertThat(DownloadBackupCommand.diskName("data-ledger")).isEqualTo("data-data-ledger");
        assertThat(DownloadBackupCommand.diskName("data-root"))
                .as("a data disk that is named root")
                .isEqualTo("data-root");
        for (String none : new String[] {"", "../root", "Ledger"}) {
            assertThatThrownBy(() -> DownloadBackupCommand.diskName(none))
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("or root");
        }
    }

    @Test
    void whatIsCreatedGoesWithItsBackup() {
        VMBackup backup = Serialization.unmarshal("""
                apiVersion: trustedlaunch.io/v1alpha1
                kind: VMBackup
                metadata: {namespace: finance, name: monday, uid: uid-of-monday}
                """, VMBackup.class);

        VMBackupDownload download = RequestedDownload.download(backup, "root", "ab", "ada");

        assertThat(download.getMetadata().getNamespace()).isEqualTo("finance");
        assertThat(download.getMetadata().getOwnerReferences()).singleElement().satisfies(owner -> {
            assertThat(owner.getKind()).isEqualTo("VMBackup");
            assertThat(owner.getUid()).isEqualTo("uid-of-monday");
        });
        assertThat(download.getSpec().backupRef().name()).isEqualTo("monday");
        assertThat(download.getSpec().clientKeySHA256()).isEqualTo("ab");
        assertThat(download.getSpec().requestedBy()).isEqualTo("ada");
    }
}
