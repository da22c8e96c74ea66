package io.trustedlaunch.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.backup.BackupFixture.Content;
import io.trustedlaunch.backup.BackupVerification.Report;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.custody.BackupDescriptionKey;
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
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of damage has its own reason, which names backup and file, and none needs a key. */
class BackupVerificationTest {
    private static final String PACK = BackupFileName.dataPack(0);

    private final BackupFixture fixture = new BackupFixture(1);
    private final Content content = fixture.content();
    private final BackupIndex first = fixture.make(BackupFixture.VM, 1, Optional.empty(), content, fixture.key);
    /** Of the same root disk: it needs packs of the first. */
    private final BackupIndex wanted = fixture.make(
            BackupFixture.VM,
            2,
            Optional.of(first),
            new Content(
                    Map.of(
                            DiskName.ROOT,
                            content.disks().get(DiskName.ROOT),
                            DiskName.ofData("data"),
                            fixture.bytes(70_000)),
                    fixture.content().files()),
            fixture.key);

    private void assertOnly(BackupFault fault, BackupIndex backup, String file, String... words) {
        Report report = fixture.verify(wanted);
        assertThat(report.whole()).isFalse();
        assertThat(report.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.fault()).as(finding.message()).isEqualTo(fault);
            assertThat(finding.backup()).isEqualTo(backup.backup());
            assertThat(finding.file()).isEqualTo(file);
            assertThat(finding.message()).contains(file + " of backup " + backup.backup());
            assertThat(words).allSatisfy(word -> assertThat(finding.message()).contains(word));
        });
    }

    @Test
    void anUnalteredBackupIsWhole() {
        assertThat(wanted.packs())
                .extracting(BackupIndex.Packs::backup)
                .containsExactly(first.backup(), wanted.backup());
        assertThat(fixture.verify(wanted)).isEqualTo(new Report(List.of()));
        assertThat(fixture.verify(first)).isEqualTo(new Report(List.of()));
    }

    @Test
    void everyByteIsRead() throws BackupStoreException {
        assertThat(bytesRead(List.of())).isEqualTo(wanted.bytes());
    }

    /** What is in its own folder is always read but for packs; an index that cannot be used leaves nothing out. */
    @Test
    void packsThatOthersNeedAreLeftOut() throws BackupStoreException {
        assertThat(bytesRead(List.of(first.ref()))).isEqualTo(wanted.ownBytes()).isLessThan(wanted.bytes());
        BackupRef another = new BackupRef(first.id(), "ab".repeat(32));
        assertThat(bytesRead(List.of(another))).isEqualTo(wanted.bytes());
        fixture.put(first, BackupFileName.INDEX, new byte[1]);
        assertThat(bytesRead(List.of(first.ref()))).isEqualTo(wanted.bytes());
    }

    /** It is not the same pack, whatever its name is. */
    @Test
    void aPackOfAnotherDigestIsNotLeftOut() throws BackupStoreException {
        List<BackupIndex.Packs> others = first.packs().stream()
                .map(folder -> new BackupIndex.Packs(
                        folder.backup(),
                        folder.files().stream()
                                .map(pack -> new BackupFile(pack.name(), pack.bytes(), "ab".repeat(32)))
                                .toList()))
                .toList();
        BackupIndex forged = new BackupIndex(first.backup(), first.vm(), first.keyId(), first.files(), others);
        fixture.put(first, BackupFileName.INDEX, forged.encoded());
        assertThat(bytesRead(List.of(forged.ref()))).isEqualTo(wanted.bytes());
    }

    private long bytesRead(List<BackupRef> others) throws BackupStoreException {
        long[] read = {0, 0};
        ReadProgress progress = new ReadProgress() {
            @Override
            public void begins(long bytes) {
                read[1] = bytes;
            }

            @Override
            public void read(long bytes) {
                read[0] += bytes;
            }
        };
        assertThat(new BackupVerification(fixture.store, progress)
                        .verify(wanted.ref(), others)
                        .whole())
                .isTrue();
        assertThat(read[0]).isEqualTo(read[1]);
        return read[0];
    }

    @ParameterizedTest
    @ValueSource(strings = {"data-00000", "map-00000", "guest-state", "recovery.escrow", "description.sealed"})
    void eachDamageOfEachFileHasItsReason(String file) {
        assertEachDamage(wanted, file);
    }

    /** It is told at each backup that needs it. */
    @Test
    void eachDamageOfAPackOfAnotherBackupHasItsReason() {
        assertEachDamage(first, PACK);
        fixture.put(first, PACK, null);
        assertThat(fixture.verify(first).findings())
                .isEqualTo(fixture.verify(wanted).findings())
                .hasSize(1);
    }

    private void assertEachDamage(BackupIndex of, String file) {
        byte[] original = fixture.stored(of, file);
        fixture.put(of, file, flipped(original, original.length - 1));
        assertOnly(BackupFault.ALTERED, of, file);
        fixture.put(of, file, Arrays.copyOf(original, original.length - 1));
        assertOnly(BackupFault.TRUNCATED, of, file, "instead of " + original.length);
        fixture.put(of, file, new byte[0]);
        assertOnly(BackupFault.TRUNCATED, of, file, "0 bytes");
        fixture.put(of, file, Arrays.copyOf(original, original.length + 1));
        assertOnly(BackupFault.LONGER, of, file);
        fixture.put(of, file, null);
        assertOnly(BackupFault.FILE_MISSING, of, file);
        fixture.disk.replaceByFolder(of.id(), file);
        assertOnly(BackupFault.UNREADABLE, of, file);
        fixture.put(of, file, original);
        assertThat(fixture.verify(wanted).whole()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"data-00000", "map-00000", "guest-state", "recovery.escrow"})
    void aFileOfAnotherBackupIsNotTakenForIt(String file) {
        BackupIndex otherVm = fixture.make(BackupFixture.OTHER_VM, 12);
        byte[] original = fixture.stored(wanted, file);
        for (BackupIndex other : List.of(first, otherVm)) {
            fixture.put(wanted, file, fixture.stored(other, file));
            assertThat(fixture.verify(wanted).findings())
                    .extracting(Finding::file)
                    .containsExactly(file);
        }
        fixture.put(wanted, file, original);
        assertThat(fixture.verify(wanted).whole()).isTrue();
    }

    @Test
    void anIndexIsTheOneOnRecordOrRefused() {
        byte[] original = fixture.stored(wanted, BackupFileName.INDEX);
        BackupIndex otherVm = fixture.make(BackupFixture.OTHER_VM, 12);

        for (byte[] other : List.of(
                flipped(original, original.length - 70),
                Arrays.copyOf(original, 100),
                fixture.stored(first, BackupFileName.INDEX),
                fixture.stored(otherVm, BackupFileName.INDEX))) {
            fixture.put(wanted, BackupFileName.INDEX, other);
            assertOnly(BackupFault.INDEX_ALTERED, wanted, BackupFileName.INDEX);
        }
        fixture.put(wanted, BackupFileName.INDEX, null);
        assertOnly(BackupFault.INDEX_MISSING, wanted, BackupFileName.INDEX);
        fixture.put(wanted, BackupFileName.INDEX, new byte[0]);
        assertOnly(BackupFault.INDEX_MISSING, wanted, BackupFileName.INDEX);
        fixture.disk.replaceByFolder(wanted.id(), BackupFileName.INDEX);
        assertOnly(BackupFault.UNREADABLE, wanted, BackupFileName.INDEX);
    }

    /** Only who writes the record can have these. */
    @Test
    void anIndexOnRecordThatIsNoneHasItsReason() throws BackupStoreException {
        assertRecorded("{\"format\":3}".getBytes(UTF_8), BackupFault.UNSUPPORTED_FORMAT);
        assertRecorded("{\"format\":2}".getBytes(UTF_8), BackupFault.INDEX_MALFORMED);
        assertRecorded(fixture.stored(first, BackupFileName.INDEX), BackupFault.INDEX_MALFORMED);
        assertRecorded(new byte[BackupIndex.MAX_BYTES + 1], BackupFault.INDEX_MALFORMED);
    }

    private void assertRecorded(byte[] index, BackupFault fault) throws BackupStoreException {
        fixture.put(wanted, BackupFileName.INDEX, index);
        BackupRef ref = new BackupRef(wanted.id(), Sha256.of(index));
        assertThat(new BackupVerification(fixture.store, read -> {}).verify(ref).findings())
                .extracting(Finding::fault)
                .containsExactly(fault);
    }

    @Test
    void allDamagesAreReportedAtOnce() {
        fixture.put(first, PACK, null);
        fixture.put(wanted, BackupFileName.GUEST_STATE, null);
        fixture.disk.alter(wanted.id(), BackupFileName.mapPack(0), bytes -> flipped(bytes, 0));

        assertThat(fixture.verify(wanted).findings())
                .extracting(Finding::fault)
                .containsExactlyInAnyOrder(BackupFault.FILE_MISSING, BackupFault.FILE_MISSING, BackupFault.ALTERED);
    }

    /** What others have lost is no matter to it. */
    @Test
    void aBackupIsWholeByItself() {
        for (String file : List.of(BackupFileName.INDEX, BackupFileName.GUEST_STATE, BackupFileName.DESCRIPTION)) {
            fixture.put(first, file, null);
        }
        assertThat(fixture.verify(wanted).whole()).isTrue();
    }

    @Test
    void theKeyOpensWhatIsOnRecordOnly() throws BackupStoreException {
        BackupIndex foreign = fixture.make(
                BackupFixture.VM, 50, Optional.empty(), fixture.content(), ProtectionKey.generate(fixture.random));
        try (BackupDescriptionKey key = fixture.descriptionKey()) {
            assertThat(OpenedBackup.open(fixture.store, wanted.ref(), key))
                    .isInstanceOf(OpenedBackup.Opening.Opened.class);
            assertUnusable(foreign, key, BackupFault.DESCRIPTION_NOT_OPENED);
            fixture.put(wanted, BackupFileName.DESCRIPTION, fixture.stored(first, BackupFileName.DESCRIPTION));
            assertUnusable(wanted, key, BackupFault.DESCRIPTION_OF_OTHER_FILES);
            fixture.put(wanted, BackupFileName.DESCRIPTION, null);
            assertUnusable(wanted, key, BackupFault.DESCRIPTION_NOT_OPENED);
            fixture.put(wanted, BackupFileName.INDEX, fixture.stored(first, BackupFileName.INDEX));
            assertUnusable(wanted, key, BackupFault.INDEX_ALTERED);
        }
        assertThat(fixture.verify(foreign).whole()).isTrue();
    }

    private void assertUnusable(BackupIndex index, BackupDescriptionKey key, BackupFault fault)
            throws BackupStoreException {
        assertThat(OpenedBackup.open(fixture.store, index.ref(), key))
                .isInstanceOfSatisfying(
                        OpenedBackup.Opening.Unusable.class,
                        unusable -> assertThat(unusable.finding().fault()).isEqualTo(fault));
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
        List<String> names =
                new ArrayList<>(wanted.files().stream().map(BackupFile::name).toList());
        names.addAll(
                wanted.packs().getLast().files().stream().map(BackupFile::name).toList());
        names.add(BackupFileName.INDEX);
        for (int times = 0; times < 1000; times++) {
            String name = names.get(random.nextInt(names.size()));
            byte[] original = fixture.stored(wanted, name);
            byte[] altered = original.clone();
            int at = random.nextInt(altered.length);
            altered[at] ^= (byte) (1 + random.nextInt(255));
            fixture.put(wanted, name, altered);

            assertThat(fixture.verify(wanted).findings())
                    .as("byte " + at + " of " + name + ", case " + times + " of seed " + seed)
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.backup()).isEqualTo(wanted.backup());
                        assertThat(finding.file()).isEqualTo(name);
                        assertThat(finding.fault())
                                .isEqualTo(
                                        name.equals(BackupFileName.INDEX)
                                                ? BackupFault.INDEX_ALTERED
                                                : BackupFault.ALTERED);
                    });
            fixture.put(wanted, name, original);
        }
        assertThat(fixture.verify(wanted).whole()).isTrue();
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] flipped = bytes.clone();
        flipped[at] ^= 1;
        return flipped;
    }
}
