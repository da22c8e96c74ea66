package io.trustedlaunch.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.trustedlaunch.backup.BackupVerification.Report;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.testkit.BackupLocations;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of damage has its own reason, which names backup and file, and none needs a key. */
class BackupVerificationTest {
    private static final String DATA_DISK = BackupFileName.ofDataDisk("data");

    private final BackupFixture fixture = new BackupFixture(1);
    private final List<BackupIndex> chain = fixture.chain(3);
    private final BackupIndex full = chain.get(0);
    private final BackupIndex middle = chain.get(1);
    private final BackupIndex wanted = chain.get(2);

    private void assertOnly(BackupFault fault, BackupIndex backup, String file, String... words) {
        Report report = fixture.verify(wanted);
        assertThat(report.whole()).isFalse();
        assertThat(report.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.fault()).as(finding.message()).isEqualTo(fault);
            assertThat(finding.backup()).isEqualTo(backup.backup());
            assertThat(finding.file()).isEqualTo(file);
            assertThat(finding.message()).contains(backup.backup().toString());
            assertThat(words).allSatisfy(word -> assertThat(finding.message()).contains(word));
        });
    }

    @Test
    void anUnalteredChainIsWhole() {
        assertThat(fixture.verify(wanted)).isEqualTo(new Report(3, List.of()));
        assertThat(fixture.verifyWithKey(wanted.ref())).isEqualTo(new Report(3, List.of()));
        assertThat(fixture.verify(full)).isEqualTo(new Report(1, List.of()));
    }

    @Test
    void everyByteIsRead() throws BackupStoreException {
        long[] read = {0};
        new BackupVerification(fixture.store, bytes -> read[0] += bytes).verify(wanted.ref());

        assertThat(read[0])
                .isEqualTo(chain.stream()
                        .flatMap(index -> index.files().stream())
                        .mapToLong(BackupFile::bytes)
                        .sum());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"disk-root.qcow2", "disk-data-data.qcow2", "guest-state", "recovery.escrow", "description.sealed"
            })
    void eachDamageOfEachFileHasItsReason(String file) {
        byte[] original = fixture.stored(middle, file);

        fixture.disk.alter(middle.id(), file, bytes -> flipped(bytes, bytes.length - 1));
        assertOnly(BackupFault.ALTERED, middle, file, "GiB 0", "byte 0");
        fixture.put(middle, file, Arrays.copyOf(original, original.length - 1));
        assertOnly(BackupFault.TRUNCATED, middle, file, "instead of " + original.length);
        fixture.put(middle, file, new byte[0]);
        assertOnly(BackupFault.TRUNCATED, middle, file, "0 bytes");
        fixture.put(middle, file, Arrays.copyOf(original, original.length + 1));
        assertOnly(BackupFault.LONGER, middle, file);
        fixture.put(middle, file, null);
        assertOnly(BackupFault.FILE_MISSING, middle, file);
        fixture.disk.replaceByFolder(middle.id(), file);
        assertOnly(BackupFault.UNREADABLE, middle, file);
        fixture.disk.replaceByFolder(middle.id(), file);
        fixture.put(middle, file, original);
        assertThat(fixture.verify(wanted).whole()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk-root.qcow2", "disk-data-data.qcow2", "guest-state", "recovery.escrow"})
    void aFileOfAnotherBackupIsRecognized(String file) {
        BackupIndex otherChain = fixture.make(BackupFixture.VM, 11, null);
        BackupIndex otherVm = fixture.make(BackupFixture.OTHER_VM, 12, null);

        fixture.put(middle, file, fixture.stored(full, file));
        assertOnly(BackupFault.SWAPPED, middle, file, "is " + file + " of backup " + full.backup());
        fixture.put(middle, file, fixture.stored(otherChain, file));
        assertOnly(BackupFault.OF_OTHER_CHAIN, middle, file, otherChain.backup().toString());
        fixture.put(middle, file, fixture.stored(otherVm, file));
        assertOnly(BackupFault.OF_OTHER_VM, middle, file, BackupFixture.OTHER_VM.toString());
    }

    /** Of another length than the right file. */
    @Test
    void filesThatWereExchangedAreBothRecognized() {
        byte[] root = fixture.stored(middle, BackupFileName.ROOT_DISK);
        fixture.put(middle, BackupFileName.ROOT_DISK, fixture.stored(middle, DATA_DISK));
        fixture.put(middle, DATA_DISK, root);

        assertThat(fixture.verify(wanted).findings())
                .extracting(Finding::fault, Finding::file)
                .containsExactlyInAnyOrder(
                        tuple(BackupFault.SWAPPED, BackupFileName.ROOT_DISK), tuple(BackupFault.SWAPPED, DATA_DISK));
    }

    @Test
    void anIndexIsTheOneOnRecordOrRefused() {
        byte[] original = fixture.stored(wanted, BackupFileName.INDEX);

        fixture.disk.alter(wanted.id(), BackupFileName.INDEX, bytes -> flipped(bytes, bytes.length - 70));
        assertOnly(BackupFault.INDEX_ALTERED, wanted, BackupFileName.INDEX);
        fixture.put(wanted, BackupFileName.INDEX, Arrays.copyOf(original, 100));
        assertOnly(BackupFault.INDEX_ALTERED, wanted, BackupFileName.INDEX);
        fixture.put(wanted, BackupFileName.INDEX, null);
        assertOnly(BackupFault.INDEX_MISSING, wanted, BackupFileName.INDEX);
        fixture.put(wanted, BackupFileName.INDEX, new byte[0]);
        assertOnly(BackupFault.INDEX_MISSING, wanted, BackupFileName.INDEX);
        fixture.put(wanted, BackupFileName.INDEX, fixture.stored(full, BackupFileName.INDEX));
        assertOnly(
                BackupFault.SWAPPED, wanted, BackupFileName.INDEX, full.backup().toString());
        BackupIndex otherVm = fixture.make(BackupFixture.OTHER_VM, 12, null);
        fixture.put(wanted, BackupFileName.INDEX, fixture.stored(otherVm, BackupFileName.INDEX));
        assertOnly(BackupFault.OF_OTHER_VM, wanted, BackupFileName.INDEX, BackupFixture.OTHER_VM.toString());
        fixture.disk.replaceByFolder(wanted.id(), BackupFileName.INDEX);
        assertOnly(BackupFault.UNREADABLE, wanted, BackupFileName.INDEX);
    }

    @Test
    void aParentIsTheOneThatItsChildNamesOrRefused() {
        byte[] original = fixture.stored(middle, BackupFileName.INDEX);

        fixture.put(middle, BackupFileName.INDEX, null);
        assertOnly(
                BackupFault.PARENT_MISSING,
                middle,
                BackupFileName.INDEX,
                wanted.backup().toString());
        fixture.put(middle, BackupFileName.INDEX, flipped(original, original.length - 70));
        assertOnly(
                BackupFault.PARENT_ALTERED,
                middle,
                BackupFileName.INDEX,
                wanted.backup().toString());
        fixture.put(middle, BackupFileName.INDEX, fixture.stored(full, BackupFileName.INDEX));
        assertOnly(BackupFault.SWAPPED, middle, BackupFileName.INDEX);
        BackupIndex otherVm = fixture.make(BackupFixture.OTHER_VM, 12, null);
        fixture.put(middle, BackupFileName.INDEX, fixture.stored(otherVm, BackupFileName.INDEX));
        assertOnly(BackupFault.OF_OTHER_VM, middle, BackupFileName.INDEX);
    }

    /** The readable part of a broken chain is read nevertheless. */
    @Test
    void allDamagesAreReportedAtOnce() {
        fixture.put(full, BackupFileName.INDEX, null);
        fixture.put(wanted, BackupFileName.GUEST_STATE, null);
        fixture.disk.alter(middle.id(), DATA_DISK, bytes -> flipped(bytes, 0));

        Report report = fixture.verify(wanted);
        assertThat(report.backups()).isEqualTo(2);
        assertThat(report.findings())
                .extracting(Finding::fault)
                .containsExactlyInAnyOrder(BackupFault.PARENT_MISSING, BackupFault.FILE_MISSING, BackupFault.ALTERED);
    }

    @Test
    void whatADamagedDiskHasIsNamedByItsPlace() {
        byte[] disk = new byte[BlockDigests.BLOCK_BYTES + 5];
        Map<String, byte[]> files = files();
        files.put(BackupFileName.ROOT_DISK, disk);
        BackupIndex large = fixture.make(BackupFixture.VM, 20, null, files, fixture.key);
        fixture.disk.alter(large.id(), BackupFileName.ROOT_DISK, bytes -> flipped(bytes, BlockDigests.BLOCK_BYTES + 2));

        assertThat(fixture.verify(large).findings())
                .singleElement()
                .extracting(Finding::message)
                .asString()
                .contains("GiB 0", "a block between byte 67108864 and byte 67108868");
    }

    @Test
    void aChainHasAtMostEightBackups() {
        List<BackupIndex> eight = new ArrayList<>(chain);
        for (int number = 4; number <= 9; number++) {
            eight.add(fixture.make(BackupFixture.VM, number, eight.getLast()));
        }

        assertThat(fixture.verify(eight.get(7)).whole()).isTrue();
        assertThat(fixture.verify(eight.get(8)).findings())
                .singleElement()
                .extracting(Finding::fault)
                .isEqualTo(BackupFault.CHAIN_TOO_LONG);
    }

    @Test
    void aChainDoesNotFollowFromItself() {
        BackupIndex.Parent child = new BackupIndex.Parent(BackupFixture.backup(31), "ab".repeat(32));
        BackupIndex parent = fixture.make(BackupFixture.VM, 30, child, files(), fixture.key);
        BackupIndex last = fixture.make(BackupFixture.VM, 31, BackupFixture.parentOf(parent), files(), fixture.key);

        assertThat(fixture.verify(last).findings())
                .singleElement()
                .extracting(Finding::fault)
                .isEqualTo(BackupFault.CHAIN_LOOP);
    }

    /** Only who makes the child's index can make these. */
    @Test
    void aChainIsOfOneKeyAndOfTheSameDisks() {
        BackupIndex otherKey = fixture.make(
                BackupFixture.VM, 40, BackupFixture.parentOf(wanted), files(), ProtectionKey.generate(fixture.random));
        Map<String, byte[]> oneDisk = files();
        oneDisk.remove(DATA_DISK);
        BackupIndex otherDisks =
                fixture.make(BackupFixture.VM, 41, BackupFixture.parentOf(wanted), oneDisk, fixture.key);

        assertThat(fixture.verify(otherKey).findings())
                .extracting(Finding::fault)
                .containsExactly(BackupFault.OTHER_KEY);
        assertThat(fixture.verify(otherDisks).findings())
                .extracting(Finding::fault)
                .containsExactly(BackupFault.OTHER_DISKS);
    }

    @Test
    void anIndexInALaterFormatIsNotTakenForDamage() throws BackupStoreException {
        byte[] later = "{\"format\":2}".getBytes(UTF_8);
        fixture.put(wanted, BackupFileName.INDEX, later);
        BackupRef ref = new BackupRef(wanted.id(), Sha256.of(later));

        assertThat(new BackupVerification(fixture.store, read -> {}).verify(ref).findings())
                .extracting(Finding::fault)
                .containsExactly(BackupFault.UNSUPPORTED_FORMAT);
    }

    @Test
    void filesOfTwoBackupsUnderANewIndexDoNotMatchTheDescription() {
        UUID backup = middle.backup();
        List<BackupFile> files = new ArrayList<>(middle.files());
        files.replaceAll(file -> file.name().equals(DATA_DISK)
                ? full.files().stream()
                        .filter(other -> other.name().equals(DATA_DISK))
                        .findFirst()
                        .orElseThrow()
                : file);
        BackupIndex recombined = new BackupIndex(backup, BackupFixture.VM, middle.keyId(), middle.parent(), files);
        fixture.put(middle, DATA_DISK, fixture.stored(full, DATA_DISK));
        fixture.put(middle, BackupFileName.INDEX, recombined.encoded());

        assertThat(fixture.verify(recombined).whole()).isTrue();
        assertThat(fixture.verifyWithKey(recombined.ref()).findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.fault()).isEqualTo(BackupFault.DESCRIPTION_OF_OTHER_FILES));
    }

    @Test
    void whatTheKeyDoesNotOpenIsReportedOnlyWithTheKey() {
        BackupIndex foreign = fixture.make(BackupFixture.VM, 50, null, files(), ProtectionKey.generate(fixture.random));

        assertThat(fixture.verify(foreign).whole()).isTrue();
        assertThat(fixture.verifyWithKey(foreign.ref()).findings())
                .extracting(Finding::fault)
                .containsExactly(BackupFault.DESCRIPTION_NOT_OPENED);
    }

    @Test
    void aStoreThatIsNotThereIsNoDamage() {
        BackupStore gone = new FolderStore(Path.of("/nonexistent"), BackupLocations.ID);

        assertThatThrownBy(() -> new BackupVerification(gone, read -> {}).verify(wanted.ref()))
                .isInstanceOf(BackupStoreException.class);
    }

    /** Its file system was unmounted while it was read: what is missing then is not gone. */
    @Test
    void aStoreThatGoesInTheMiddleIsNoDamage() {
        BackupStore going = (BackupStore) Proxy.newProxyInstance(
                BackupStore.class.getClassLoader(), new Class<?>[] {BackupStore.class}, (proxy, method, given) -> {
                    if (method.getName().equals("vms")) {
                        throw new BackupStoreException(StoreFault.UNMARKED, "the folder /backups has no marker");
                    }
                    if (method.isDefault()) {
                        return InvocationHandler.invokeDefault(proxy, method, given);
                    }
                    if (method.getName().equals("open") && !BackupFileName.INDEX.equals(given[1])) {
                        throw new BackupStoreException(StoreFault.FAILED, "stale file handle");
                    }
                    return method.invoke(fixture.store, given);
                });
        assertThatThrownBy(() -> new BackupVerification(going, read -> {}).verify(wanted.ref()))
                .isInstanceOf(BackupStoreException.class)
                .hasMessage("the folder /backups has no marker");
    }

    /** {@code -Dbackup.seed=…}, with the seed that a run prints, repeats it. */
    @Test
    void aThousandAlteredBytesAreAllFound() {
        long seed = Long.getLong("backup.seed", new Random().nextLong());
        System.out.println("altered bytes: -Dbackup.seed=" + seed);
        Random random = new Random(seed);
        for (int times = 0; times < 1000; times++) {
            BackupIndex index = chain.get(random.nextInt(chain.size()));
            List<String> names =
                    new ArrayList<>(index.files().stream().map(BackupFile::name).toList());
            names.add(BackupFileName.INDEX);
            String name = names.get(random.nextInt(names.size()));
            byte[] original = fixture.stored(index, name);
            byte[] altered = original.clone();
            int at = random.nextInt(altered.length);
            altered[at] ^= (byte) (1 + random.nextInt(255));
            fixture.put(index, name, altered);

            Report report = fixture.verify(wanted);
            assertThat(report.findings())
                    .as("byte " + at + " of " + name + ", case " + times + " of seed " + seed)
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.backup()).isEqualTo(index.backup());
                        assertThat(finding.file()).isEqualTo(name);
                        // An index that names another backup or VM now is reported as what it says it is.
                        assertThat(finding.fault())
                                .isIn(
                                        name.equals(BackupFileName.INDEX)
                                                ? List.of(
                                                        BackupFault.INDEX_ALTERED,
                                                        BackupFault.PARENT_ALTERED,
                                                        BackupFault.SWAPPED,
                                                        BackupFault.OF_OTHER_VM)
                                                : List.of(BackupFault.ALTERED));
                    });
            fixture.put(index, name, original);
        }
        assertThat(fixture.verify(wanted).whole()).isTrue();
    }

    private Map<String, byte[]> files() {
        Map<String, byte[]> files = new TreeMap<>();
        files.put(BackupFileName.ROOT_DISK, fixture.bytes(100));
        files.put(DATA_DISK, fixture.bytes(100));
        files.put(BackupFileName.GUEST_STATE, fixture.bytes(100));
        return files;
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] flipped = bytes.clone();
        flipped[at] ^= 1;
        return flipped;
    }
}
