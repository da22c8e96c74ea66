package io.trustedlaunch.agent.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.backup.BackupExtraction.Result;
import io.trustedlaunch.agent.disks.ConfinedTools;
import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.recovery.EscrowFile;
import io.trustedlaunch.recovery.EscrowedVm;
import io.trustedlaunch.recovery.RecoverableBackup;
import io.trustedlaunch.testkit.RecoveryPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the files of a backup and the recovery key to a VM's disks, with the host's QEMU. */
class BackupExtractionIT {
    private static final UUID VM = UUID.fromString("5e8f51bc-0031-4c5f-9f5a-6f8e1f0b7c11");
    private static final int BYTES = 8 << 20;

    /** What the fixture's descriptions say. */
    private static final GuestStateVersion STATE = new GuestStateVersion(7L, 212L);

    @TempDir
    private Path folder;

    private final BackupFixture store = new BackupFixture(1);
    private final Map<String, byte[]> contents = new TreeMap<>();
    private RecoveryPair pair;
    private EscrowedVm vm;
    private HypervisorAccount account;
    private BackupDisks disks;
    private Path staging;
    private Path layers;

    /** A full backup and what changed since. */
    @BeforeEach
    void backUp() throws Exception {
        pair = RecoveryPair.make(folder, "ec:P-256");
        vm = new EscrowedVm("payroll", VM, pair.certificate()).state(STATE.epoch(), STATE.generation());
        account = Accounts.ownerOf(folder);
        disks = new BackupDisks(new ConfinedTools(account), Duration.ofSeconds(60));
        staging = Files.createDirectory(folder.resolve("staging"));
        layers = Files.createDirectory(folder.resolve("layers"));
        Map<String, byte[]> full = new TreeMap<>();
        Map<String, byte[]> changes = new TreeMap<>();
        for (String disk : List.of(BackupFileName.ROOT_DISK, BackupFileName.ofDataDisk("data"))) {
            save(disk, full, changes);
        }
        BackupIndex first = make(1, null, full);
        make(2, BackupFixture.parentOf(first), changes);
    }

    private void save(String disk, Map<String, byte[]> full, Map<String, byte[]> changes) throws Exception {
        Path at = Files.createDirectory(folder.resolve(disk));
        ModelDisk model = new ModelDisk(BYTES, new Random(disk.hashCode()));
        QemuImages.qemuImg(
                "create", "-q", "-f", "qcow2", at.resolve("disk.qcow2").toString(), Integer.toString(BYTES));
        byte[] passphrase = vm.key.backupPassphrase(VM);
        try (StorageDaemon daemon = new StorageDaemon(at, BYTES)) {
            daemon.write(model.writes());
            Path layer = Files.createFile(at.resolve("full"));
            disks.create(layer, BYTES, passphrase);
            daemon.begin("full", Optional.empty());
            disks.copyAll(daemon.export(), layer, passphrase);
            daemon.end(Optional.empty());
            full.put(disk, Files.readAllBytes(layer));
            daemon.write(model.writes());
            layer = Files.createFile(at.resolve("changes"));
            disks.create(layer, BYTES, passphrase);
            daemon.begin("changes", Optional.of("full"));
            contents.put(disk, model.content());
            daemon.write(model.writes());
            disks.workingCopyChanges(daemon.export(), layer, passphrase);
            daemon.end(Optional.of("full"));
            changes.put(disk, Files.readAllBytes(layer));
        }
    }

    private BackupIndex make(int number, BackupIndex.Parent parent, Map<String, byte[]> files) {
        files.put(BackupFileName.GUEST_STATE, vm.file(GuestStateName.of(STATE)));
        files.put(BackupFileName.RECOVERY_ESCROW, vm.sealedEscrow(STATE.epoch(), EscrowedVm.EK));
        return store.make(VM, number, parent, files, vm.key, BYTES);
    }

    private List<RecoverableBackup> found() throws IOException {
        RecoverableBackup.Search search = RecoverableBackup.search(store.store, VM, EscrowFile.of(pair.key()));
        assertThat(search.warnings()).isEmpty();
        return search.newestFirst();
    }

    private RecoverableBackup found(int number) throws IOException {
        return found().stream()
                .filter(backup -> (backup.ref().id().backup().getLeastSignificantBits() & 0xff) == number)
                .findFirst()
                .orElseThrow();
    }

    private Result extract(RecoverableBackup backup) throws IOException {
        try (BackupKeys keys = BackupKeys.of(backup.escrow().key(), VM)) {
            return new BackupExtraction(store.store, account, disks::restore, bytes -> {})
                    .extract(backup.ref(), keys, layers, staging);
        }
    }

    @Test
    void disksAndGuestStateAreAsTheyWere() throws Exception {
        assertThat(extract(found(2))).isInstanceOfSatisfying(Result.Extracted.class, extracted -> {
            assertThat(extracted.description().guestState()).isEqualTo(STATE);
            assertThat(extracted.guestState()).hasBinaryContent(vm.file(GuestStateName.of(STATE)));
            assertThat(extracted.disks())
                    .extracting(BackupExtraction.Disk::name)
                    .containsExactlyInAnyOrder(Optional.empty(), Optional.of("data"));
            for (BackupExtraction.Disk disk : extracted.disks()) {
                assertContent(
                        disk.name().map(BackupFileName::ofDataDisk).orElse(BackupFileName.ROOT_DISK), disk.file());
            }
        });
    }

    private void assertContent(String disk, Path file) {
        Path raw = folder.resolve("raw-" + disk);
        QemuImages.qemuImg("convert", "-f", "qcow2", "-O", "raw", file.toString(), raw.toString());
        assertThat(raw).as(disk).hasBinaryContent(contents.get(disk));
    }

    @Test
    void aDamagedChainMakesNothing() throws Exception {
        RecoverableBackup wanted = found(2);
        BackupIndex full = ((BackupIndex.Opening.Opened)
                        BackupIndex.parse(store.store.index(found(1).ref().id()).orElseThrow()))
                .index();
        store.disk.alter(full.id(), BackupFileName.ROOT_DISK, bytes -> {
            bytes[bytes.length / 2] ^= 1;
            return bytes;
        });

        assertThat(extract(wanted))
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused -> assertThat(refused.message())
                                .contains(
                                        BackupFileName.ROOT_DISK, full.backup().toString(), "was altered"));
        assertThat(staging.resolve(BackupFileName.ROOT_DISK)).doesNotExist();
    }

    /** Only who has the VM's key can describe it so: a node that made the backup. */
    @Test
    void aDiskOfAnotherSizeThanDescribedIsRefused() throws Exception {
        Map<String, byte[]> files = new TreeMap<>();
        RecoverableBackup full = found(1);
        for (BackupDescription.Disk disk : full.description().disks()) {
            files.put(disk.file(), store.disk.content(full.ref().id(), disk.file()));
        }
        files.put(BackupFileName.GUEST_STATE, vm.file(GuestStateName.of(STATE)));
        files.put(BackupFileName.RECOVERY_ESCROW, vm.sealedEscrow(STATE.epoch(), EscrowedVm.EK));
        store.make(VM, 3, null, files, vm.key, BYTES / 2);

        assertThat(extract(found(3)))
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused -> assertThat(refused.message()).contains("another size than its description says"));
    }

    @Test
    void aBackupOfAnotherKeyIsNamedAndNotFound(@TempDir Path elsewhere) throws Exception {
        RecoverableBackup.Search search = RecoverableBackup.search(
                store.store,
                VM,
                EscrowFile.of(RecoveryPair.make(elsewhere, "ec:P-256").key()));

        assertThat(search.newestFirst()).isEmpty();
        assertThat(search.warnings()).hasSize(2).allMatch(warning -> warning.contains("recovery key"));
    }
}
