package io.trustedlaunch.backup;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.backup.BackupIndex.Opening;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackupIndexTest {
    private static final UUID BACKUP = UUID.fromString("7c9f4b9e-3d0f-4d0a-9d2a-0f4f7d1c2b3a");
    private static final UUID OTHER = BackupFixture.backup(1);
    private static final String D = "ab".repeat(32);

    private static final BackupIndex INDEX = index(files(), packs());

    private static BackupIndex index(List<BackupFile> files, List<BackupIndex.Packs> packs) {
        return new BackupIndex(BACKUP, BackupFixture.VM, "4f3ca3a48bd78176", files, packs);
    }

    private static List<BackupFile> files() {
        return new ArrayList<>(
                List.of(new BackupFile("description.sealed", 900, D), new BackupFile("guest-state", 10_000, D)));
    }

    private static List<BackupIndex.Packs> packs() {
        return new ArrayList<>(List.of(
                new BackupIndex.Packs(OTHER, List.of(new BackupFile("data-00003", 67_108_864, D))),
                new BackupIndex.Packs(
                        BACKUP,
                        List.of(new BackupFile("data-00000", 196_624, D), new BackupFile("map-00000", 77, D)))));
    }

    /** Its digest is on record for as long as the backup is kept: the encoding never changes. */
    @Test
    void theEncodingNeverChanges() {
        assertThat(new String(INDEX.encoded(), UTF_8))
                .isEqualTo("{\"format\":2,\"backup\":\"" + BACKUP + "\",\"vm\":\"" + BackupFixture.VM
                        + "\",\"keyId\":\"4f3ca3a48bd78176\",\"files\":["
                        + "{\"name\":\"description.sealed\",\"bytes\":900,\"sha256\":\"" + D + "\"},"
                        + "{\"name\":\"guest-state\",\"bytes\":10000,\"sha256\":\"" + D + "\"}],\"packs\":["
                        + "{\"backup\":\"" + OTHER + "\",\"files\":["
                        + "{\"name\":\"data-00003\",\"bytes\":67108864,\"sha256\":\"" + D + "\"}]},"
                        + "{\"backup\":\"" + BACKUP + "\",\"files\":["
                        + "{\"name\":\"data-00000\",\"bytes\":196624,\"sha256\":\"" + D + "\"},"
                        + "{\"name\":\"map-00000\",\"bytes\":77,\"sha256\":\"" + D + "\"}]}]}");
    }

    @Test
    void whatIsWrittenIsRead() {
        assertThat(BackupIndex.parse(INDEX.encoded())).isEqualTo(new Opening.Opened(INDEX));
        assertThat(INDEX.bytes()).isEqualTo(900 + 10_000 + 67_108_864 + 196_624 + 77);
        assertThat(INDEX.neededPacks())
                .containsExactly(
                        new Pack(OTHER, "data-00003"), new Pack(BACKUP, "data-00000"), new Pack(BACKUP, "map-00000"));
        BackupIndex empty = index(files(), List.of());
        assertThat(BackupIndex.parse(empty.encoded())).isEqualTo(new Opening.Opened(empty));
    }

    @Test
    void aLaterFormatIsNotTakenForDamage() {
        byte[] later = "{\"format\":3,\"somethingElse\":[[[[[[[[[]]]]]]]]]}".getBytes(UTF_8);

        assertThat(BackupIndex.parse(later))
                .isEqualTo(new Opening.Refused(
                        BackupFault.UNSUPPORTED_FORMAT, "it has format 3, and this version reads up to 2"));
    }

    /** Each is JSON, and most are the same document to a lenient reader. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"format\":2,|{ \"format\":2,",
                "{\"format\":2,|{\"format\":2,\"format\":2,",
                "{\"format\":2,|{",
                "{\"format\":2,|{\"format\":0,",
                "{\"format\":2,|{\"format\":1,",
                "{\"format\":2,|{\"format\":-1,",
                "{\"format\":2,|{\"format\":\"2\",",
                "{\"format\":2,|{\"format\":2.0,",
                "{\"format\":2,|{\"format\":2,\"more\":null,",
                "\"bytes\":900,|\"bytes\":900.0,",
                "\"bytes\":900,|\"bytes\":0,",
                "\"bytes\":900,|\"bytes\":-900,",
                "\"bytes\":900,|\"bytes\":99999999999999999999999999,",
                "\"bytes\":900,|\"bytes\":null,",
                "\"bytes\":900,|\"bytes\":900,\"bytes\":900,",
                "\"name\":\"guest-state\"|\"name\":\"../guest-state\"",
                "\"name\":\"guest-state\"|\"name\":\"guest-state\\u0000\"",
                "\"name\":\"guest-state\"|\"name\":\"index.json\"",
                "\"name\":\"guest-state\"|\"name\":\"cluster.escrow\"",
                "\"name\":\"guest-state\"|\"name\":\"data-00000\"",
                "\"name\":\"guest-state\"|\"name\":\"begun\"",
                "\"name\":\"guest-state\"|\"name\":\"recovery.escrow\"",
                "\"name\":\"guest-state\"|\"name\":\"a\"",
                "\"name\":\"guest-state\"|\"name\":null",
                "\"name\":\"map-00000\"|\"name\":\"guest-state\"",
                "\"name\":\"map-00000\"|\"name\":\"data-00000\"",
                "\"name\":\"map-00000\"|\"name\":\"map-0000\"",
                "\"name\":\"map-00000\"|\"name\":\"map-000000\"",
                "\"name\":\"map-00000\"|\"name\":\"map-0000a\"",
                "\"name\":\"map-00000\"|\"name\":\"Map-00000\"",
                "data-00003|../data-00003",
                "\"bytes\":77,|\"bytes\":0,",
                "\"keyId\":\"4f3ca3a48bd78176\"|\"keyId\":\"4F3CA3A48BD78176\"",
                "\"keyId\":\"4f3ca3a48bd78176\"|\"keyId\":null",
                "\"vm\":\"3e0a6c1c|\"vm\":\"3E0A6C1C",
                "\"sha256\":\"abab|\"sha256\":\"ab",
                "\"sha256\":\"abab|\"sha256\":\"ABab",
                "\"packs\":[|\"packs\":[null,",
                "\"packs\":[|\"packs\":[{},",
                "\"files\":[|\"files\":[null,",
                "\"files\":[|\"files\":[{},",
            })
    void anyOtherFormIsRefused(String what, String with) {
        String json = new String(INDEX.encoded(), UTF_8);
        assertThat(json).contains(what);

        assertRefused(json.replace(what, with).getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "null", "1", "[]", "{}", "{\"format\":2}", "\"", "{\"format\":2,\"files\":[]}"})
    void anyOtherDocumentIsRefused(String json) {
        assertRefused(json.getBytes(UTF_8));
    }

    @Test
    void hostileDocumentsAreRefusedBeforeTheyCostAnything() {
        byte[] encoded = INDEX.encoded();
        assertRefused(Arrays.copyOf(encoded, encoded.length - 1));
        assertRefused(Arrays.copyOf(encoded, encoded.length + 1));
        assertRefused(new String(encoded, UTF_8).getBytes(UTF_16));
        assertRefused("[".repeat(1_000_000).getBytes(UTF_8));
        assertRefused(("{\"format\":2,\"backup\":\"" + "a".repeat(1_000_000) + "\"}").getBytes(UTF_8));
        assertRefused(new byte[BackupIndex.MAX_BYTES + 1]);
        byte[] spaces = new byte[BackupIndex.MAX_BYTES];
        Arrays.fill(spaces, (byte) ' ');
        assertRefused(spaces);
    }

    /** Small values cost many times their bytes. */
    @Test
    void manySmallValuesCostLittle() {
        for (String list : List.of("{\"format\":2,\"files\":[", "{\"format\":2,\"packs\":[{\"files\":[")) {
            for (String value : List.of("\"\",", "\"a\",", "[],", "{},", "1,", "null,")) {
                byte[] hostile =
                        (list + value.repeat((BackupIndex.MAX_BYTES - list.length()) / value.length())).getBytes(UTF_8);
                long before = allocated();
                assertRefused(hostile);
                assertThat(allocated() - before).as(list + value).isLessThan(8 * BackupIndex.MAX_BYTES);
            }
        }
    }

    /** Each pack in a folder of its own takes the most. */
    @Test
    void theLargestIndexIsWrittenAndRead() {
        List<BackupIndex.Packs> packs = new ArrayList<>();
        for (int number = 0; number < BackupIndex.MAX_PACKS; number++) {
            packs.add(new BackupIndex.Packs(
                    BackupFixture.backup(number), List.of(new BackupFile("data-99999", Long.MAX_VALUE >> 13, D))));
        }
        BackupIndex largest = index(files(), packs);
        assertThat(BackupIndex.parse(largest.encoded())).isEqualTo(new Opening.Opened(largest));

        packs.add(new BackupIndex.Packs(BackupFixture.backup(9999), List.of(new BackupFile("data-00000", 1, D))));
        assertThatThrownBy(() -> index(files(), packs)).hasMessageContaining("too many");
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    @Test
    void noAlteredByteIsOverlookedAndNoneThrows() {
        byte[] encoded = INDEX.encoded();
        Random random = new Random(1);
        for (int at = 0; at < encoded.length; at++) {
            byte[] altered = encoded.clone();
            altered[at] ^= (byte) (1 << random.nextInt(8));
            switch (BackupIndex.parse(altered)) {
                // A digit for a digit: the index's own digest is another.
                case Opening.Opened(BackupIndex index) -> {
                    assertThat(index).isNotEqualTo(INDEX);
                    assertThat(index.ref()).isNotEqualTo(INDEX.ref());
                }
                case Opening.Refused refused -> assertThat(refused.message()).startsWith("it ");
            }
        }
    }

    private static void assertRefused(byte[] json) {
        assertThat(BackupIndex.parse(json))
                .isInstanceOfSatisfying(
                        Opening.Refused.class,
                        refused -> assertThat(refused.fault()).isEqualTo(BackupFault.INDEX_MALFORMED));
    }

    @Test
    void aBackupHasAGuestStateAndADescription() {
        for (String required : List.of("guest-state", "description.sealed")) {
            List<BackupFile> files = files();
            files.removeIf(file -> file.name().equals(required));
            assertThatThrownBy(() -> index(files, packs())).hasMessageContaining(required);
        }
    }

    @Test
    void filesAndPacksAreInOrder() {
        assertThatThrownBy(() -> index(files().reversed(), packs())).isInstanceOf(IllegalArgumentException.class);
        List<BackupFile> twice = files();
        twice.add(0, twice.getFirst());
        assertThatThrownBy(() -> index(twice, packs())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> index(files(), packs().reversed())).isInstanceOf(IllegalArgumentException.class);
        List<BackupIndex.Packs> twoOfOne = packs();
        twoOfOne.add(1, twoOfOne.getFirst());
        assertThatThrownBy(() -> index(files(), twoOfOne)).isInstanceOf(IllegalArgumentException.class);
        List<BackupFile> own = packs().getLast().files();
        assertThatThrownBy(() -> new BackupIndex.Packs(BACKUP, own.reversed()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BackupIndex.Packs(BACKUP, List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BackupIndex.Packs(BACKUP, files())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void disksHaveTheirNames() {
        assertThat(DiskName.ofData("root")).isEqualTo("data-root");
        assertThat(DiskName.dataDisk("data-root")).hasValue(DiskIdentity.ofFirstStart("root"));
        assertThat(DiskName.dataDisk(DiskName.ROOT)).isEmpty();
        assertThat(DiskName.isDisk("data-" + "a".repeat(32))).isTrue();
        assertThat(DiskName.ofData(new DiskIdentity("logs", Optional.of(7L)))).isEqualTo("data-logs.7");
        assertThat(DiskName.dataDisk("data-logs.7")).hasValue(new DiskIdentity("logs", Optional.of(7L)));
        for (String name : List.of("", "A", "a_b", "-a", "a-", "a.b", "..", "a/b", "a".repeat(33), "a\n")) {
            assertThatThrownBy(() -> DiskName.ofData(name)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void packsHaveNumbers() {
        assertThat(BackupFileName.dataPack(0)).isEqualTo("data-00000");
        assertThat(BackupFileName.mapPack(99_999)).isEqualTo("map-99999");
        assertThatThrownBy(() -> BackupFileName.mapPack(100_000)).isInstanceOf(IllegalStateException.class);
        for (String name : List.of("data-0", "data-000000", "data-0000a", "map-00000 ", "map-00000\n", "data-root")) {
            assertThat(BackupFileName.isPack(name)).as(name).isFalse();
        }
    }
}
