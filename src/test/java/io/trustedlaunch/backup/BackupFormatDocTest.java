package io.trustedlaunch.backup;

import static io.trustedlaunch.testkit.DocumentedCommands.replaced;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.backup.BackupDisks;
import io.trustedlaunch.agent.disks.ConfinedTools;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.custody.BackupDescriptionKey;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.process.Command;
import io.trustedlaunch.recovery.EscrowedVm;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.DocumentedCommands;
import io.trustedlaunch.testkit.DocumentedCommands.Result;
import io.trustedlaunch.testkit.RecoveryPair;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the commands of docs/backup-format.md as they stand there, with a {@code kubectl} that knows one Secret, or without. */
class BackupFormatDocTest {
    private static final Path DOCUMENT = Path.of("docs/backup-format.md");
    private static final int BLOCKS = 10;

    /** Where the blocks of commands stand. */
    private static final int COMPARE = 2;

    private static final int KEY_FROM_CLUSTER = 3;
    private static final int KEY_FROM_BACKUP = 4;
    private static final int CLEAN_UP = 9;

    private static final int MIB = 1 << 20;
    private static final String DATA_DISK = BackupFileName.ofDataDisk("data");

    private static Path emptyDisk;
    private static Path passphrase;

    @TempDir
    Path folder;

    private final SecureRandom random = new SecureRandom();
    private Path location;
    private RecoveryPair pair;
    private EscrowedVm vm;
    private ProtectionKey key;
    private BackupIndex full;
    private BackupIndex wanted;

    @BeforeEach
    void aFullBackupAndOneOfTheChanges() throws IOException {
        location = Files.createDirectory(folder.resolve("backups"));
        pair = RecoveryPair.make(folder, "ec:P-384");
        vm = new EscrowedVm("payroll", BackupFixture.VM, pair.certificate());
        key = vm.key;
        full = back(1, null, "write -P 0x11 0 1M", "write -P 0x33 0 64k");
        wanted = back(2, full, "write -P 0x22 512k 64k", "write -z 0 64k");
        Path kubectl = folder.resolve("kubectl");
        Files.writeString(
                kubectl, """
                #!/bin/sh
                [ "$*" = "get secret %s -n trusted-launch-system -o jsonpath={.data.key}" ] && printf %%s '%s'
                """.formatted(BackupFixture.VM, Base64.getEncoder().encodeToString(key.bytes())));
        Files.setPosixFilePermissions(kubectl, PosixFilePermissions.fromString("rwx------"));
    }

    /** As an agent is to write it. */
    private BackupIndex back(int number, BackupIndex parent, String rootWrite, String dataWrite) throws IOException {
        BackupStore store = BackupLocations.store(location);
        BackupId id = new BackupId(BackupFixture.VM, BackupFixture.backup(number));
        Path home = vm.writeTo(folder.resolve("home"));
        List<BackupFile> files = new ArrayList<>();
        files.add(store(store, id, BackupFileName.ROOT_DISK, layer(rootWrite)));
        files.add(store(store, id, DATA_DISK, layer(dataWrite)));
        files.add(
                store(store, id, BackupFileName.GUEST_STATE, Files.readAllBytes(home.resolve("guest-state-3-7.p7m"))));
        files.add(store(
                store, id, BackupFileName.RECOVERY_ESCROW, Files.readAllBytes(home.resolve("protection-key-3.p7m"))));
        BackupContent content = new BackupContent(
                id.backup(), id.vm(), key.keyId(), parent == null ? null : BackupFixture.parentOf(parent), files);
        byte[] description;
        try (BackupDescriptionKey sealing = key.backupDescriptionKey(id.vm())) {
            description = SealedDescription.seal(BackupFixture.describe(content).build(), sealing, random);
        }
        BackupIndex index = content.index(store(store, id, BackupFileName.DESCRIPTION, description));
        store.commit(id, index.encoded());
        return index;
    }

    private static BackupFile store(BackupStore store, BackupId id, String name, byte[] content) throws IOException {
        store.write(id, name, new ByteArrayInputStream(content), content.length);
        return BackupFixture.entry(name, content);
    }

    /** qemu-img takes two seconds to try how fast this machine derives keys. So this is made once, and copied. */
    @BeforeAll
    static void makeAnEmptyDisk(@TempDir Path shared) throws IOException {
        byte[] secret = new EscrowedVm("payroll", BackupFixture.VM, null).key.backupPassphrase(BackupFixture.VM);
        passphrase = Files.write(shared.resolve("passphrase"), secret);
        Path disk = Files.createFile(shared.resolve("empty.qcow2"));
        new BackupDisks(new ConfinedTools(Accounts.ownerOf(shared)), Duration.ofSeconds(60))
                .create(disk, 4 << 20, secret);
        emptyDisk = disk;
    }

    private byte[] layer(String write) throws IOException {
        Path disk = Files.copy(emptyDisk, folder.resolve("disk.qcow2"), StandardCopyOption.REPLACE_EXISTING);
        String image = "driver=qcow2,file.filename=" + disk + ",encrypt.key-secret=key";
        run("qemu-io", "--object", secret(), "--image-opts", "-c", write, image);
        return Files.readAllBytes(disk);
    }

    private static String secret() {
        return "secret,id=key,file=" + passphrase;
    }

    private static void run(String... command) {
        Command.Result result = Command.of(Duration.ofSeconds(60), command).run();
        assertThat(result.succeeded()).as(result.outputTail()).isTrue();
    }

    @Test
    void theDocumentedCommandsOpenTheBackup() throws Exception {
        Result result = run(without(KEY_FROM_BACKUP, CLEAN_UP));

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(result.output())
                .contains("from the full one: " + full.backup() + " " + wanted.backup())
                .contains(key.keyId() + "\n" + key.keyId())
                .contains("\"contentSHA256\": \"" + wanted.content().sha256() + "\"")
                .contains(wanted.content().sha256() + "  -")
                .contains("\"name\": \"payroll\"", "\"quiesced\": true", "\"generation\": 7");
        byte[] disk = new byte[4 * MIB];
        Arrays.fill(disk, 0, MIB, (byte) 0x11);
        Arrays.fill(disk, MIB / 2, MIB / 2 + 64 * 1024, (byte) 0x22);
        assertThat(raw("disk-root.qcow2")).isEqualTo(disk);
        assertThat(folder.resolve("work/tpm2-00.permall")).hasBinaryContent(new byte[] {1});
        assertThat(folder.resolve("work/passphrase")).hasBinaryContent(key.backupPassphrase(BackupFixture.VM));
        assertThat(Files.getPosixFilePermissions(folder.resolve("work/passphrase")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    /** What was zeroed since the parent is zero, and not what the parent had there. */
    @Test
    void everyDiskOpens() throws Exception {
        List<String> commands = without(KEY_FROM_BACKUP, CLEAN_UP);
        commands.replaceAll(block -> block.replace("DISK=disk-root.qcow2", "DISK=" + DATA_DISK));
        Result result = run(commands);

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(raw("disk-root.qcow2")).isEqualTo(new byte[4 * MIB]);
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
        assertThat(folder.resolve("disk-root.qcow2")).exists();
    }

    @Test
    void theLastStepLeavesNothing() throws Exception {
        Result result = run(without(KEY_FROM_BACKUP));

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(folder.resolve("work")).doesNotExist();
    }

    @Test
    void anAlteredFileIsFoundBeforeAnythingIsOpened() throws Exception {
        Path disk = location.resolve(BackupFixture.VM.toString())
                .resolve(full.backup().toString())
                .resolve(DATA_DISK);
        byte[] bytes = Files.readAllBytes(disk);
        bytes[bytes.length / 2] ^= 1;
        Files.write(disk, bytes);
        Result altered = run(without(KEY_FROM_BACKUP, CLEAN_UP));
        assertThat(altered.exitCode()).isNotZero();
        assertThat(altered.output())
                .contains(DATA_DISK + " of backup " + full.backup() + " was altered in its block 0");

        Files.write(disk, Arrays.copyOf(bytes, bytes.length - 1));
        Result shorter = run(without(KEY_FROM_BACKUP, CLEAN_UP));
        assertThat(shorter.exitCode()).isNotZero();
        assertThat(shorter.output()).contains("does not have " + bytes.length + " bytes");
        assertThat(folder.resolve("work/passphrase")).doesNotExist();
        assertThat(folder.resolve("disk-root.qcow2")).doesNotExist();
    }

    @Test
    void anotherIndexIsNotFollowed() throws Exception {
        Path index = location.resolve(BackupFixture.VM.toString())
                .resolve(full.backup().toString())
                .resolve(BackupFileName.INDEX);
        Files.writeString(index, Files.readString(index) + "\n");

        Result result = run(without(KEY_FROM_BACKUP).subList(0, COMPARE));

        assertThat(result.exitCode()).isNotZero();
        assertThat(result.output()).contains(full.backup() + ".json: FAILED");
    }

    private static List<String> without(Integer... blocks) throws IOException {
        List<String> all = new ArrayList<>(DocumentedCommands.blocks(DOCUMENT, BLOCKS));
        Arrays.asList(blocks).reversed().forEach(block -> all.remove((int) block));
        return all;
    }

    /** Only the places differ, and which backup it is. */
    private Result run(List<String> blocks) throws IOException, InterruptedException {
        Files.deleteIfExists(folder.resolve("disk-root.qcow2"));
        Command.of(Duration.ofSeconds(10), "rm", "-rf", folder.resolve("work").toString())
                .run();
        String script = String.join("\n", blocks);
        script = replaced(script, "LOCATION=/backups", "LOCATION=" + location);
        script = replaced(script, "INDEX_SHA256=" + "0".repeat(64), "INDEX_SHA256=" + Sha256.of(wanted.encoded()));
        script = replaced(
                script,
                "WORK=$(mktemp -d /dev/shm/backup.XXXXXX)",
                "WORK=" + folder.resolve("work") + "; mkdir \"$WORK\"");
        script = script.replace("RESULT=/var/tmp/disk-root.qcow2", "RESULT=" + folder.resolve("disk-root.qcow2"));
        return new DocumentedCommands(folder).bash(script);
    }

    private byte[] raw(String name) throws IOException {
        Path raw = folder.resolve("raw");
        run(
                "qemu-img",
                "convert",
                "-f",
                "qcow2",
                "-O",
                "raw",
                folder.resolve(name).toString(),
                raw.toString());
        return Files.readAllBytes(raw);
    }
}
