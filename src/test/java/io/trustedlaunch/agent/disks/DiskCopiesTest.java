package io.trustedlaunch.agent.disks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.folder.Permits;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.api.DiskIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The copy of a failed migration is removed, and never a VM's own disks. */
class DiskCopiesTest {
    private static final long EPOCH = 3;

    @TempDir
    Path location;

    private VmFolder folder;
    private Disks disks;

    @BeforeEach
    void makeCopy() throws IOException {
        folder = new VmFolder(location, UUID.randomUUID());
        disks = disksOf("host-a");
        disks.ensureTransferFolder(Permits.to(Permit.Act.RECEIVE, folder), EPOCH);
        Files.writeString(folder.dataDisk(DiskIdentity.ofFirstStart("data")), "data");
    }

    @Test
    void aCopyIsRemovedWithItsFolder() throws IOException {
        Files.writeString(folder.osDisk(), "os");

        disks.eraseTransfer(Permits.to(Permit.Act.SETTLE, folder), EPOCH);

        assertThat(folder.path()).doesNotExist();
        disks.eraseTransfer(Permits.to(Permit.Act.SETTLE, folder), EPOCH);
    }

    @Test
    void aCopyOfAnotherIncarnationOrNodeIsKept() throws IOException {
        Files.writeString(folder.osDisk(), "os");

        disks.eraseTransfer(Permits.to(Permit.Act.SETTLE, folder), EPOCH + 1);
        disksOf("host-b").eraseTransfer(Permits.to(Permit.Act.SETTLE, folder), EPOCH);

        assertThat(folder.osDisk()).exists();
        assertThat(folder.dataDisk(DiskIdentity.ofFirstStart("data"))).exists();
    }

    @Test
    void aFolderWithoutAMarkIsKept() throws IOException {
        Files.delete(folder.path().resolve(".copy@host-a@3"));

        disks.eraseTransfer(Permits.to(Permit.Act.SETTLE, folder), EPOCH);

        assertThat(folder.dataDisk(DiskIdentity.ofFirstStart("data")))
                .as("its OS disk is missing")
                .exists();
    }

    @Test
    void aFinishedCopyIsNeitherMarkedNorRemoved() {
        assertThat(disks.diskTransferMark(folder)).contains(new DiskTransferMark("host-a", EPOCH));
        disksOf("host-b").keepCopy(Permits.to(Permit.Act.SETTLE, folder), EPOCH);
        assertThat(disks.diskTransferMark(folder)).isPresent();

        disks.keepCopy(Permits.to(Permit.Act.SETTLE, folder), EPOCH);

        assertThat(disks.diskTransferMark(folder)).isEmpty();
        disks.keepCopy(Permits.to(Permit.Act.SETTLE, folder), EPOCH);
        disks.eraseTransfer(Permits.to(Permit.Act.SETTLE, folder), EPOCH);
        assertThat(folder.dataDisk(DiskIdentity.ofFirstStart("data"))).exists();
    }

    /** Folders in place of the OS disk make its removal fail. */
    @Test
    void theMarkerIsKeptUntilTheOsDiskIsRemoved() throws IOException {
        Path inTheWay = Files.createDirectories(folder.osDisk().resolve("in/".repeat(20)));

        assertThatThrownBy(() -> disks.eraseTransfer(Permits.to(Permit.Act.SETTLE, folder), EPOCH))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(folder.path().toString());

        Files.delete(inTheWay);
        Files.delete(inTheWay.getParent());
        Files.delete(inTheWay.getParent().getParent());
        Files.delete(inTheWay.getParent().getParent().getParent());
        Files.delete(inTheWay.getParent().getParent().getParent().getParent());
        disks.eraseTransfer(Permits.to(Permit.Act.SETTLE, folder), EPOCH);
        assertThat(folder.path()).doesNotExist();
    }

    /** It is replaced by the storage's administrator, right after the mark was found. */
    @Test
    void nothingIsRemovedFromTheTargetOfALinkInPlaceOfTheFolder(@TempDir Path host) throws IOException {
        Path others = Files.move(folder.path(), host.resolve("others"));
        Files.writeString(others.resolve("os.qcow2"), "os");
        Files.createSymbolicLink(folder.path(), others);

        assertThatThrownBy(() -> disks.eraseTransfer(Permits.to(Permit.Act.SETTLE, folder), EPOCH))
                .isInstanceOf(UncheckedIOException.class);

        assertThat(others.resolve("os.qcow2")).exists();
        assertThat(others.resolve("data-data.qcow2")).exists();
    }

    private Disks disksOf(String nodeName) {
        return new Disks(
                Accounts.ownerOf(location), nodeName, new FakeDiskTool(), location.resolve(".image"), UUID::randomUUID);
    }
}
