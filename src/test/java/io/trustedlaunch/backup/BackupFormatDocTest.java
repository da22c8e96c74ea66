package io.trustedlaunch.backup;

import static io.trustedlaunch.testkit.DocumentedCommands.replaced;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.backup.pack.DiskSource;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.recovery.EscrowedVm;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.DocumentedCommands;
import io.trustedlaunch.testkit.DocumentedCommands.Result;
import io.trustedlaunch.testkit.RecoveryPair;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the commands of docs/backup-format.md as they stand there, with a {@code kubectl} that knows one Secret, or without. */
class BackupFormatDocTest {
    private static final Path DOCUMENT = Path.of("docs/backup-format.md");
    private static final int BLOCKS = 9;

    /** Where the blocks of commands stand. */
    private static final int COMPARE = 1;

    private static final int KEY_FROM_CLUSTER = 2;
    private static final int KEY_FROM_BACKUP = 3;
    private static final int CLEAN_UP = 8;

    private static final int BLOCK = Geometry.STANDARD.blockBytes();
    private static final String DATA_DISK = DiskName.ofData("data");

    @TempDir
    Path folder;

    private final Random random = new Random(7);
    private final SparseDisk root = new SparseDisk((257L << 20) + 512);
    private final SparseDisk data = new SparseDisk(3 << 20);
    private Path location;
    private RecoveryPair pair;
    private ProtectionKey key;
    private BackupIndex first;
    private BackupIndex wanted;

    /** Of which few blocks are not zero. */
    private static final class SparseDisk implements DiskSource {
        private final long bytes;
        private final Map<Integer, byte[]> blocks = new TreeMap<>();

        SparseDisk(long bytes) {
            this.bytes = bytes;
        }

        void fill(int first, int count, Random random) {
            for (int block = first; block < first + count; block++) {
                byte[] content = new byte[(int) Math.min(BLOCK, bytes - (long) block * BLOCK)];
                random.nextBytes(content);
                blocks.put(block, content);
            }
        }

        @Override
        public long bytes() {
            return bytes;
        }

        @Override
        public Wanted wanted(Geometry geometry) {
            BitSet wanted = new BitSet();
            blocks.keySet().forEach(wanted::set);
            return new Wanted(wanted, true);
        }

        @Override
        public Reader open() {
            return new Reader() {
                @Override
                public void read(long offset, ByteBuffer into) {
                    for (int block = (int) (offset / BLOCK); into.hasRemaining(); block++) {
                        into.put(blocks.get(block));
                    }
                }

                @Override
                public void close() {
                    // Nothing is open.
                }
            };
        }
    }

    @BeforeEach
    void aBackupAndOneOfTheChanges() throws IOException {
        location = Files.createDirectory(folder.resolve("backups"));
        pair = RecoveryPair.make(folder, "ec:P-384");
        EscrowedVm vm = new EscrowedVm("payroll", BackupFixture.VM, pair.certificate());
        Path home = vm.writeTo(folder.resolve("home"));
        Map<String, byte[]> files = Map.of(
                BackupFileName.GUEST_STATE, Files.readAllBytes(home.resolve("guest-state-3-7.p7m")),
                BackupFileName.RECOVERY_ESCROW, Files.readAllBytes(home.resolve("protection-key-3.p7m")));
        key = vm.key;
        BackupFixture fixture = new BackupFixture(1, BackupLocations.store(location), key);
        int last = (int) (root.bytes() / BLOCK);
        root.fill(0, 70, random);
        root.fill(last - 1, 2, random);
        data.fill(3, 2, random);
        first = make(fixture, 1, Optional.empty(), files);
        root.fill(10, 3, random);
        root.blocks.remove(40);
        data.blocks.clear();
        wanted = make(fixture, 2, Optional.of(first), files);
        Path kubectl = folder.resolve("kubectl");
        Files.writeString(
                kubectl, """
                #!/bin/sh
                [ "$*" = "get secret %s -n trusted-launch-system -o jsonpath={.data.key}" ] && printf %%s '%s'
                """.formatted(BackupFixture.VM, Base64.getEncoder().encodeToString(key.bytes())));
        Files.setPosixFilePermissions(kubectl, PosixFilePermissions.fromString("rwx------"));
    }

    private BackupIndex make(
            BackupFixture fixture, int number, Optional<BackupIndex> before, Map<String, byte[]> files) {
        return fixture.make(
                BackupFixture.VM,
                number,
                before,
                Map.of(DiskName.ROOT, root, DATA_DISK, data),
                files,
                key,
                description -> description);
    }

    @Test
    void theDocumentedCommandsOpenTheBackup() throws Exception {
        long begun = System.nanoTime();
        Result result = run(without(KEY_FROM_BACKUP, CLEAN_UP));
        System.out.println("by hand: " + root.blocks.size() + " blocks in " + (System.nanoTime() - begun) / 1_000_000
                + " ms, with all else");

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(result.output())
                .contains("index.json: OK")
                .contains(key.keyId() + "\n" + key.keyId())
                .contains("\"contentSHA256\": \"" + wanted.content().sha256() + "\"")
                .contains(wanted.content().sha256() + "  -")
                .contains("\"name\": \"payroll\"", "\"quiesced\": true", "\"generation\": 7");
        assertRestored(root);
        assertThat(wanted.packs()).as("one of them is another backup's").hasSize(2);
        assertThat(folder.resolve("work/tpm2-00.permall")).hasBinaryContent(new byte[] {1});
    }

    private void assertRestored(SparseDisk disk) throws IOException {
        try (RandomAccessFile restored = new RandomAccessFile(result().toFile(), "r")) {
            assertThat(restored.length()).isEqualTo(disk.bytes());
            byte[] block = new byte[BLOCK];
            for (long at = 0; at < disk.bytes(); at += BLOCK) {
                int length = (int) Math.min(BLOCK, disk.bytes() - at);
                restored.readFully(block, 0, length);
                byte[] expected = disk.blocks.getOrDefault((int) (at / BLOCK), new byte[length]);
                assertThat(Arrays.equals(block, 0, length, expected, 0, length))
                        .as("block at " + at)
                        .isTrue();
            }
        }
    }

    private Path result() {
        return folder.resolve("root.raw");
    }

    /** What was zeroed since is zero, and not what it was before. */
    @Test
    void everyDiskOpens() throws Exception {
        List<String> commands = without(KEY_FROM_BACKUP, CLEAN_UP);
        commands.replaceAll(block -> block.replace("DISK=root", "DISK=" + DATA_DISK));
        Result result = run(commands);

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertRestored(data);
    }

    @Test
    void theRecoveryKeyServesInPlaceOfTheCluster() throws Exception {
        Files.delete(folder.resolve("kubectl"));
        List<String> commands = without(KEY_FROM_CLUSTER, CLEAN_UP);
        commands.replaceAll(
                block -> block.replace("RECOVERY_KEY=/root/recovery.key", "RECOVERY_KEY=" + pair.keyFile()));

        Result result = run(commands);

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(result.output())
                .contains("\"uid\": \"" + BackupFixture.VM + "\"")
                .doesNotContain(Base64.getEncoder().encodeToString(key.bytes()));
        assertRestored(root);
    }

    @Test
    void theLastStepLeavesNothing() throws Exception {
        Result result = run(without(KEY_FROM_BACKUP));

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(folder.resolve("work")).doesNotExist();
    }

    @Test
    void anAlteredPackIsFoundBeforeAnythingIsOpened() throws Exception {
        Path pack = place(first, BackupFileName.dataPack(0));
        byte[] bytes = Files.readAllBytes(pack);
        bytes[bytes.length / 2] ^= 1;
        Files.write(pack, bytes);
        assertFails(pack + ": FAILED");

        Files.delete(pack);
        assertFails(pack + ": FAILED open or read");
    }

    private void assertFails(String why) throws Exception {
        Result result = run(without(KEY_FROM_BACKUP, CLEAN_UP));
        assertThat(result.exitCode()).isNotZero();
        assertThat(result.output()).contains(why);
        assertThat(folder.resolve("work/description.json")).doesNotExist();
        assertThat(result()).doesNotExist();
    }

    @Test
    void anotherIndexIsNotFollowed() throws Exception {
        Path index = place(wanted, BackupFileName.INDEX);
        Files.writeString(index, Files.readString(index) + "\n");

        Result result = run(without(KEY_FROM_BACKUP).subList(0, COMPARE + 1));

        assertThat(result.exitCode()).isNotZero();
        assertThat(result.output()).contains("index.json: FAILED");
    }

    private Path place(BackupIndex of, String file) {
        return location.resolve(BackupFixture.VM.toString())
                .resolve(of.backup().toString())
                .resolve(file);
    }

    private static List<String> without(Integer... blocks) throws IOException {
        List<String> all = new ArrayList<>(DocumentedCommands.blocks(DOCUMENT, BLOCKS));
        Arrays.asList(blocks).reversed().forEach(block -> all.remove((int) block));
        return all;
    }

    /** Only the places differ, and which backup it is. */
    private Result run(List<String> blocks) throws IOException, InterruptedException {
        String script = String.join("\n", blocks);
        script = replaced(script, "LOCATION=/backups", "LOCATION=" + location);
        script = replaced(script, "INDEX_SHA256=" + "0".repeat(64), "INDEX_SHA256=" + Sha256.of(wanted.encoded()));
        script = replaced(
                script,
                "WORK=$(mktemp -d /dev/shm/backup.XXXXXX)",
                "WORK=" + folder.resolve("work") + "; rm -rf \"$WORK\"; mkdir \"$WORK\"");
        script = script.replace("RESULT=/var/tmp/root.raw", "RESULT=" + result());
        return new DocumentedCommands(folder).bash(script);
    }
}
