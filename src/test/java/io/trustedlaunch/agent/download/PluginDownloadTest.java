package io.trustedlaunch.agent.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.Pack;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.download.DiskDownload;
import io.trustedlaunch.cli.plugin.download.PartFile;
import io.trustedlaunch.cli.plugin.session.AgentConnection;
import io.trustedlaunch.custody.SessionKey;
import io.trustedlaunch.download.DownloadRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What kubectl tlvm backup download has in the end, with the agent at the other side. */
class PluginDownloadTest {
    private static final int BLOCK = 64 << 10;
    private static final int BLOCKS = 120;
    private static final String ONE = "one";

    private final DownloadWorld world = new DownloadWorld(1);
    private final SessionKey key = world.key();
    private final List<Integer> percents = new ArrayList<>();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        world.close();
    }

    /** Zeros at its begin, in its middle and at its end. */
    private byte[] disk() {
        byte[] content = new byte[BLOCKS * BLOCK];
        for (int block : List.of(2, 3, 90, 110)) {
            System.arraycopy(world.backups.bytes(BLOCK), 0, content, block * BLOCK, BLOCK);
        }
        return content;
    }

    private long download(DownloadRequest request, PartFile file) throws IOException, InterruptedException {
        try (file) {
            return new DiskDownload(Downloads.uid(ONE), world.target(), key, request, percents::add).into(file);
        }
    }

    private Path file() {
        return folder.resolve("root.raw");
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void theFileIsTheDiskAndItsOwnersAlone() throws IOException, InterruptedException {
        byte[] content = disk();
        world.grant(ONE, key, world.backUp(1, Optional.empty(), content));

        assertThat(download(DownloadRequest.WHOLE, PartFile.create(file(), false)))
                .isEqualTo(content.length);

        assertThat(file()).hasBinaryContent(content);
        assertThat(files()).containsExactly(file());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertThat(percents).isNotEmpty().allMatch(percent -> percent >= 0 && percent <= 100);
    }

    @Test
    void aDiskWithNothingInItIsAFileOfZeros() throws IOException, InterruptedException {
        world.grant(ONE, key, world.backUp(1, Optional.empty(), new byte[BLOCKS * BLOCK]));

        download(DownloadRequest.WHOLE, PartFile.create(file(), false));
        assertThat(file()).hasBinaryContent(new byte[BLOCKS * BLOCK]);

        download(new DownloadRequest(BLOCKS * BLOCK, DownloadRequest.TO_THE_END), PartFile.create(file(), true));
        assertThat(file()).isEmptyFile();
    }

    /** Where the status leads, somebody else may listen. */
    @Test
    void nothingIsSentToAnotherNodeOrOneOfAnotherAuthority() throws IOException {
        world.grant(ONE, key, world.backUp(1, Optional.empty(), disk()));
        AgentConnection.Target target = world.target();
        try (DownloadWorld other = new DownloadWorld(2)) {
            for (AgentConnection.Target wrong : List.of(
                    new AgentConnection.Target("host-c", target.address(), target.port(), target.authority()),
                    new AgentConnection.Target(
                            target.nodeName(),
                            target.address(),
                            target.port(),
                            other.target().authority()))) {
                try (AgentConnection agent =
                        AgentConnection.open(Downloads.uid(ONE), wrong, key, Duration.ofSeconds(20))) {
                    assertThatThrownBy(() -> DownloadRequest.WHOLE.write(agent.output()))
                            .isInstanceOf(SSLHandshakeException.class);
                }
            }
        }
        assertThat(world.keys).isEmpty();
    }

    @Test
    void aPartOfTheDiskBeginsAtTheBeginOfTheFile() throws IOException, InterruptedException {
        byte[] content = disk();
        world.grant(ONE, key, world.backUp(1, Optional.empty(), content));
        int offset = 3 * BLOCK + 1000;

        download(new DownloadRequest(offset, 100L * BLOCK), PartFile.create(file(), false));
        assertThat(file()).hasBinaryContent(Arrays.copyOfRange(content, offset, offset + 100 * BLOCK));

        download(new DownloadRequest(offset, DownloadRequest.TO_THE_END), PartFile.create(file(), true));
        assertThat(file()).hasBinaryContent(Arrays.copyOfRange(content, offset, content.length));
    }

    @Test
    void whatTheDiskDoesNotHaveIsRefusedAndNoFileStays() throws IOException {
        world.grant(ONE, key, world.backUp(1, Optional.empty(), disk()));

        assertThatThrownBy(() -> download(new DownloadRequest(7, 1L << 40), PartFile.create(file(), false)))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("node host-b", "and the disk has " + BLOCKS * BLOCK);
        assertThatThrownBy(() -> download(
                        new DownloadRequest(1L << 40, DownloadRequest.TO_THE_END), PartFile.create(file(), false)))
                .isInstanceOf(CommandException.class);
        assertThat(files()).isEmpty();
    }

    @Test
    void aDamagedBackupLeavesNoFile() throws IOException {
        BackupIndex backup = world.backUp(1, Optional.empty(), disk());
        world.grant(ONE, key, backup);
        Pack pack = backup.neededPacks().findFirst().orElseThrow();
        world.backups.disk.alter(new BackupId(BackupFixture.VM, pack.backup()), pack.file(), whole -> {
            byte[] altered = whole.clone();
            altered[altered.length / 2] ^= 1;
            return altered;
        });

        assertThatThrownBy(() -> download(DownloadRequest.WHOLE, PartFile.create(file(), false)))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("has not sent all of the disk");
        assertThat(files()).isEmpty();
    }

    @Test
    void aFileThatIsThereStays() throws IOException {
        Files.writeString(file(), "mine");
        assertThatThrownBy(() -> PartFile.create(file(), false))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("--force");
        Files.createFile(folder.resolve("root.raw.part"));
        assertThatThrownBy(() -> PartFile.create(file(), true))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("root.raw.part", "another download");
        assertThat(files()).hasSize(2);
        assertThat(file()).hasContent("mine");
    }

    @Test
    void aFolderIsNotReplaced() throws IOException {
        Files.createDirectory(file());

        assertThatThrownBy(() -> PartFile.create(file(), true))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("is a folder");
        assertThat(files()).containsExactly(file());
    }

    /** It appeared while the disk was read. */
    @Test
    void aFileThatComesMeanwhileStaysToo() throws IOException {
        world.grant(ONE, key, world.backUp(1, Optional.empty(), disk()));
        PartFile part = PartFile.create(file(), false);
        Files.writeString(file(), "mine");

        assertThatThrownBy(() -> download(DownloadRequest.WHOLE, part)).isInstanceOf(CommandException.class);
        assertThat(file()).hasContent("mine");
        assertThat(files()).containsExactly(file());
    }
}
