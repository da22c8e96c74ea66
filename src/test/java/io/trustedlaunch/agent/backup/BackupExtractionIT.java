package io.trustedlaunch.agent.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.backup.BackupExtraction.Result;
import io.trustedlaunch.agent.disks.ConfinedTools;
import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.recovery.EscrowFile;
import io.trustedlaunch.recovery.EscrowedVm;
import io.trustedlaunch.recovery.RecoverableBackup;
import io.trustedlaunch.testkit.RecoveryPair;
import io.trustedlaunch.testkit.SecretSearch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the files of a backup and the recovery key to a VM's disks, with the host's QEMU. */
class BackupExtractionIT {
    private static final UUID VM = UUID.fromString("5e8f51bc-0031-4c5f-9f5a-6f8e1f0b7c11");
    private static final String DATA = DiskName.ofData("data");
    private static final int BYTES = 24 << 20;

    /** What the fixture's descriptions say. */
    private static final GuestStateVersion STATE = new GuestStateVersion(7L, 212L);

    @TempDir
    private Path folder;

    private final BackupFixture store = new BackupFixture(1);
    private final Map<String, byte[]> contents = new TreeMap<>();
    private RecoveryPair pair;
    private EscrowedVm vm;
    private HypervisorAccount account;
    private Path staging;
    private BackupIndex first;

    /** A backup, and one of what changed since. */
    @BeforeEach
    void backUp() throws Exception {
        pair = RecoveryPair.make(folder, "ec:P-256");
        vm = new EscrowedVm("payroll", VM, pair.certificate()).state(STATE.epoch(), STATE.generation());
        account = Accounts.ownerOf(folder);
        staging = Files.createDirectory(folder.resolve("staging"));
        contents.put(DiskName.ROOT, Arrays.copyOf(store.bytes(5 << 20), BYTES));
        contents.put(DATA, Arrays.copyOf(store.bytes(1 << 20), BYTES));
        first = make(1, Optional.empty());
        byte[] root = contents.get(DiskName.ROOT).clone();
        System.arraycopy(store.bytes(1 << 20), 0, root, 20_000_000, 1 << 20);
        Arrays.fill(root, 1 << 20, 2 << 20, (byte) 0);
        contents.put(DiskName.ROOT, root);
        make(2, Optional.of(first));
    }

    private BackupIndex make(int number, Optional<BackupIndex> before) {
        Map<String, byte[]> files = Map.of(
                BackupFileName.GUEST_STATE, vm.file(GuestStateName.of(STATE)),
                BackupFileName.RECOVERY_ESCROW, vm.sealedEscrow(STATE.epoch(), EscrowedVm.EK));
        return store.make(VM, number, before, new BackupFixture.Content(Map.copyOf(contents), files), vm.key);
    }

    private RecoverableBackup found(int number) throws IOException {
        RecoverableBackup.Search search = RecoverableBackup.search(store.store, VM, EscrowFile.of(pair.key()));
        assertThat(search.warnings()).isEmpty();
        return search.newestFirst().stream()
                .filter(backup -> backup.ref().id().backup().equals(BackupFixture.backup(number)))
                .findFirst()
                .orElseThrow();
    }

    private Result extract(RecoverableBackup backup) throws IOException {
        return extract(backup, disks());
    }

    private NewDisks disks() {
        return new NewDisks(new ConfinedTools(account), folder.resolve("sockets"), Duration.ofSeconds(60));
    }

    private Result extract(RecoverableBackup backup, BackupExtraction.DiskMaker disks) throws IOException {
        try (BackupKeys keys = BackupKeys.of(backup.escrow().key(), VM)) {
            return new BackupExtraction(store.store, account, disks, bytes -> {})
                    .extract(backup.ref(), keys, staging, BackupDescription::disks);
        }
    }

    @Test
    void disksAndGuestStateAreAsTheyWere() throws Exception {
        assertThat(extract(found(2))).isInstanceOfSatisfying(Result.Extracted.class, extracted -> {
            assertThat(extracted.description().guestState()).isEqualTo(STATE);
            assertThat(extracted.guestState()).hasBinaryContent(vm.file(GuestStateName.of(STATE)));
            assertThat(extracted.disks())
                    .extracting(BackupExtraction.Disk::dataDisk)
                    .containsExactlyInAnyOrder(Optional.empty(), Optional.of(DiskIdentity.ofFirstStart("data")));
            for (BackupExtraction.Disk disk : extracted.disks()) {
                assertContent(disk.dataDisk().map(DiskName::ofData).orElse(DiskName.ROOT), disk.file());
            }
        });
    }

    private void assertContent(String disk, Path file) {
        Path raw = folder.resolve("raw-" + disk);
        QemuImages.qemuImg("convert", "-f", "qcow2", "-O", "raw", file.toString(), raw.toString());
        assertThat(raw).as(disk).hasBinaryContent(contents.get(disk));
    }

    /** Searched while the servers of the disks run. */
    @Test
    void theKeyOfThePacksIsGivenToNoProcessAndWrittenToNoFile() throws Exception {
        try (BackupKeys keys = BackupKeys.of(vm.key, VM)) {
            SecretSearch search = new SecretSearch(Map.of("packs", keys.packSecret()));
            List<SecretSearch.Finding> found = new ArrayList<>();

            extract(
                    found(2),
                    (disk, bytes, content) -> disks().make(disk, bytes, target -> {
                        content.writeTo(target);
                        found.addAll(search.processes(unread -> {}));
                        found.addAll(search.files(folder, file -> false));
                    }));

            assertThat(found).isEmpty();
            Files.write(folder.resolve("planted"), keys.packSecret());
            assertThat(search.files(folder, file -> false))
                    .as("it would be found")
                    .isNotEmpty();
        }
    }

    @Test
    void aDamagedPackOfTheBackupBeforeIsNamed() throws Exception {
        RecoverableBackup wanted = found(2);
        store.disk.alter(first.id(), BackupFileName.dataPack(0), bytes -> {
            byte[] altered = bytes.clone();
            altered[altered.length - 100] ^= 1;
            return altered;
        });

        assertThat(extract(wanted))
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused -> assertThat(refused.message())
                                .contains(
                                        BackupFileName.dataPack(0),
                                        first.backup().toString(),
                                        "was altered"));
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
