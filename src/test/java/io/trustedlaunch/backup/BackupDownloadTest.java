package io.trustedlaunch.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.backup.BackupDownload.Result;
import io.trustedlaunch.custody.BackupDescriptionKey;
import io.trustedlaunch.custody.ProtectionKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A download is what was saved, or it is refused: a store's administrator chooses nothing that is restored. */
class BackupDownloadTest {
    private static final String DATA_DISK = BackupFileName.ofDataDisk("data");
    private static final int ALTERED_BYTES = 300;

    private final BackupFixture fixture = new BackupFixture(1);
    private final List<BackupIndex> chain = fixture.chain(3);
    private final BackupIndex wanted = chain.getLast();
    private final Map<String, ByteArrayOutputStream> copies = new TreeMap<>();

    private Result download(BackupRef ref) throws BackupStoreException {
        copies.clear();
        try (BackupDescriptionKey key = fixture.descriptionKey()) {
            return new BackupDownload(fixture.store, bytes -> {}).download(ref, key, (backup, file) -> {
                ByteArrayOutputStream copy = new ByteArrayOutputStream();
                copies.put(backup.backup() + "/" + file, copy);
                return copy;
            });
        }
    }

    private BackupFault damage(BackupRef ref) throws BackupStoreException {
        return ((Result.Damaged) download(ref)).finding().fault();
    }

    @Test
    void disksOfTheWholeChainAndTheGuestStateOfTheWantedBackupAreCopied() throws BackupStoreException {
        Result result = download(wanted.ref());

        assertThat(result).isInstanceOfSatisfying(Result.Whole.class, whole -> {
            assertThat(whole.chain().indexes()).isEqualTo(chain);
            assertThat(whole.description().guestState().generation()).isEqualTo(212);
        });
        assertThat(copies)
                .containsOnlyKeys(
                        file(chain.get(0), BackupFileName.ROOT_DISK),
                        file(chain.get(0), DATA_DISK),
                        file(chain.get(1), BackupFileName.ROOT_DISK),
                        file(chain.get(1), DATA_DISK),
                        file(wanted, BackupFileName.ROOT_DISK),
                        file(wanted, DATA_DISK),
                        file(wanted, BackupFileName.GUEST_STATE));
        for (BackupIndex index : chain) {
            assertThat(copies.get(file(index, BackupFileName.ROOT_DISK)).toByteArray())
                    .isEqualTo(fixture.stored(index, BackupFileName.ROOT_DISK));
        }
    }

    private static String file(BackupIndex index, String name) {
        return index.backup() + "/" + name;
    }

    @Test
    void eachAlteredByteIsFoundInWhatIsCopied() throws BackupStoreException {
        Random random = new Random(7);
        List<String> files = List.of(BackupFileName.ROOT_DISK, DATA_DISK, BackupFileName.GUEST_STATE);
        for (int i = 0; i < ALTERED_BYTES; i++) {
            String file = files.get(random.nextInt(files.size()));
            BackupIndex index =
                    file.equals(BackupFileName.GUEST_STATE) ? wanted : chain.get(random.nextInt(chain.size()));
            byte[] original = fixture.stored(index, file);
            byte[] altered = original.clone();
            int at = random.nextInt(altered.length);
            altered[at] ^= (byte) (1 << random.nextInt(8));
            fixture.put(index, file, altered);

            assertThat(damage(wanted.ref())).as(file + " at " + at).isEqualTo(BackupFault.ALTERED);

            fixture.put(index, file, original);
        }
    }

    @Test
    void filesThatAreMissingExchangedOrOfAnotherLengthAreRefused() throws BackupStoreException {
        byte[] original = fixture.stored(wanted, DATA_DISK);

        fixture.put(wanted, DATA_DISK, null);
        assertThat(damage(wanted.ref())).isEqualTo(BackupFault.FILE_MISSING);
        fixture.put(wanted, DATA_DISK, fixture.stored(chain.getFirst(), DATA_DISK));
        assertThat(damage(wanted.ref())).isEqualTo(BackupFault.SWAPPED);
        fixture.put(wanted, DATA_DISK, new byte[original.length + 1]);
        assertThat(damage(wanted.ref())).isEqualTo(BackupFault.LONGER);
        assertThat(copies.get(file(wanted, DATA_DISK)).size()).isZero();
    }

    @Test
    void anotherBackupInItsPlaceIsRefused() throws BackupStoreException {
        fixture.put(wanted, BackupFileName.INDEX, fixture.stored(chain.get(1), BackupFileName.INDEX));

        assertThat(damage(wanted.ref())).isEqualTo(BackupFault.SWAPPED);
        assertThat(copies).isEmpty();
    }

    @Test
    void aBackupUnderAnotherKeyIsRefusedBeforeAnythingIsCopied() throws BackupStoreException {
        ProtectionKey other = ProtectionKey.generate(fixture.random);
        try (BackupDescriptionKey key = other.backupDescriptionKey(BackupFixture.VM)) {
            Result result = new BackupDownload(fixture.store, bytes -> {}).download(wanted.ref(), key, (id, file) -> {
                throw new IOException("nothing is to be copied");
            });
            assertThat(((Result.Damaged) result).finding().fault()).isEqualTo(BackupFault.DESCRIPTION_NOT_OPENED);
        }
    }

    @Test
    void aFullHostIsNoDamageOfTheBackup() {
        try (BackupDescriptionKey key = fixture.descriptionKey()) {
            assertThatThrownBy(() -> new BackupDownload(fixture.store, bytes -> {})
                            .download(wanted.ref(), key, (id, file) -> {
                                throw new IOException("No space left on device");
                            }))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("No space left");
        }
    }
}
