package io.trustedlaunch.backup;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.backup.BackupIndex.Opening;
import io.trustedlaunch.custody.Sha256;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackupIndexTest {
    private static final UUID BACKUP = UUID.fromString("7c9f4b9e-3d0f-4d0a-9d2a-0f4f7d1c2b3a");
    private static final String D = "ab".repeat(32);
    private static final BackupIndex.Parent PARENT = new BackupIndex.Parent(BackupFixture.backup(1), "cd".repeat(32));

    private static final BackupIndex INDEX = index(PARENT, files());

    private static BackupIndex index(BackupIndex.Parent parent, List<BackupFile> files) {
        return new BackupIndex(BACKUP, BackupFixture.VM, "4f3ca3a48bd78176", parent, files);
    }

    private static List<BackupFile> files() {
        return new ArrayList<>(List.of(
                new BackupFile("description.sealed", 900, List.of(D)),
                new BackupFile("disk-data-a1.qcow2", BlockDigests.BLOCK_BYTES + 1L, List.of(D, D)),
                new BackupFile("disk-root.qcow2", 196_624, List.of(D)),
                new BackupFile("guest-state", 10_000, List.of(D))));
    }

    /** Its digest is on record for as long as the backup is kept: the encoding never changes. */
    @Test
    void theEncodingNeverChanges() {
        assertThat(new String(INDEX.encoded(), UTF_8))
                .isEqualTo("{\"format\":1,\"backup\":\"" + BACKUP + "\",\"vm\":\"" + BackupFixture.VM
                        + "\",\"keyId\":\"4f3ca3a48bd78176\",\"parent\":{\"backup\":\"" + BackupFixture.backup(1)
                        + "\",\"indexSHA256\":\"" + "cd".repeat(32) + "\"},\"files\":["
                        + "{\"name\":\"description.sealed\",\"bytes\":900,\"sha256\":[\"" + D + "\"]},"
                        + "{\"name\":\"disk-data-a1.qcow2\",\"bytes\":67108865,\"sha256\":[\"" + D + "\",\"" + D
                        + "\"]},"
                        + "{\"name\":\"disk-root.qcow2\",\"bytes\":196624,\"sha256\":[\"" + D + "\"]},"
                        + "{\"name\":\"guest-state\",\"bytes\":10000,\"sha256\":[\"" + D + "\"]}]}");
        assertThat(new String(index(null, files()).encoded(), UTF_8)).doesNotContain("parent");
    }

    @Test
    void whatIsWrittenIsRead() {
        assertThat(BackupIndex.parse(INDEX.encoded())).isEqualTo(new Opening.Opened(INDEX));
        BackupIndex full = index(null, files());
        assertThat(BackupIndex.parse(full.encoded())).isEqualTo(new Opening.Opened(full));
        assertThat(full.full()).isTrue();
        assertThat(INDEX.disks()).containsExactly("disk-data-a1.qcow2", "disk-root.qcow2");
    }

    @Test
    void aLaterFormatIsNotTakenForDamage() {
        byte[] later = "{\"format\":2,\"somethingElse\":[[[[[[[[[]]]]]]]]]}".getBytes(UTF_8);

        assertThat(BackupIndex.parse(later))
                .isEqualTo(new Opening.Refused(
                        BackupFault.UNSUPPORTED_FORMAT, "it has format 2, and this version reads up to 1"));
    }

    /** Each is JSON, and most are the same document to a lenient reader. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"format\":1,|{ \"format\":1,",
                "{\"format\":1,|{\"format\":1,\"format\":1,",
                "{\"format\":1,|{",
                "{\"format\":1,|{\"format\":0,",
                "{\"format\":1,|{\"format\":-1,",
                "{\"format\":1,|{\"format\":\"1\",",
                "{\"format\":1,|{\"format\":1.0,",
                "{\"format\":1,|{\"format\":1,\"more\":null,",
                "\"bytes\":900,|\"bytes\":900.0,",
                "\"bytes\":900,|\"bytes\":0,",
                "\"bytes\":900,|\"bytes\":-900,",
                "\"bytes\":900,|\"bytes\":99999999999999999999999999,",
                "\"bytes\":900,|\"bytes\":67108865,",
                "\"bytes\":900,|\"bytes\":null,",
                "\"bytes\":900,|\"bytes\":900,\"bytes\":900,",
                "\"name\":\"guest-state\"|\"name\":\"../guest-state\"",
                "\"name\":\"guest-state\"|\"name\":\"guest-state\\u0000\"",
                "\"name\":\"guest-state\"|\"name\":\"index.json\"",
                "\"name\":\"guest-state\"|\"name\":\"cluster.escrow\"",
                "\"name\":\"guest-state\"|\"name\":\"disk-root.qcow2\"",
                "\"name\":\"guest-state\"|\"name\":\"recovery.escrow\"",
                "\"name\":\"guest-state\"|\"name\":\"a\"",
                "\"name\":\"guest-state\"|\"name\":null",
                "disk-data-a1.qcow2|disk-data-A1.qcow2",
                "disk-data-a1.qcow2|disk-data-a/b.qcow2",
                "disk-data-a1.qcow2|disk-data-.qcow2",
                "disk-data-a1.qcow2|zzz",
                "\"keyId\":\"4f3ca3a48bd78176\"|\"keyId\":\"4F3CA3A48BD78176\"",
                "\"keyId\":\"4f3ca3a48bd78176\"|\"keyId\":null",
                "\"vm\":\"3e0a6c1c|\"vm\":\"3E0A6C1C",
                "\"indexSHA256\":\"cdcd|\"indexSHA256\":\"cd",
                "\"indexSHA256\":\"cdcd|\"indexSHA256\":\"CDcd",
                "\"files\":[|\"files\":[null,",
                "\"files\":[|\"files\":[{},",
            })
    void anyOtherFormIsRefused(String what, String with) {
        String json = new String(INDEX.encoded(), UTF_8);
        assertThat(json).contains(what);

        assertRefused(json.replace(what, with).getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "null", "1", "[]", "{}", "{\"format\":1}", "\"", "{\"format\":1,\"files\":[]}"})
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
        assertRefused(("{\"format\":1,\"backup\":\"" + "a".repeat(1_000_000) + "\"}").getBytes(UTF_8));
        assertRefused(new byte[BackupIndex.MAX_BYTES + 1]);
        byte[] spaces = new byte[BackupIndex.MAX_BYTES];
        Arrays.fill(spaces, (byte) ' ');
        assertRefused(spaces);
    }

    /** Small values cost many times their bytes: with the heap of an agent, that would be its end. */
    @Test
    void manySmallValuesAreNotRead() {
        String begin = "{\"format\":1,\"files\":[{\"name\":\"guest-state\",\"bytes\":1,\"sha256\":[";
        for (String value : List.of("\"\",", "\"a\",", "[],", "1,", "null,")) {
            byte[] hostile =
                    (begin + value.repeat((BackupIndex.MAX_BYTES - begin.length()) / value.length())).getBytes(UTF_8);
            long before = allocated();
            assertRefused(hostile);
            assertThat(allocated() - before).as(value).isLessThan(BackupIndex.MAX_BYTES / 16);
        }
    }

    @Test
    void theLargestIndexIsRead() {
        int blocks = BackupIndex.MAX_BYTES / 68;
        List<BackupFile> files = files();
        files.set(
                2,
                new BackupFile(
                        "disk-root.qcow2", (long) blocks * BlockDigests.BLOCK_BYTES, Collections.nCopies(blocks, D)));
        BackupIndex largest = index(null, files);

        assertThat(BackupIndex.parse(largest.encoded())).isEqualTo(new Opening.Opened(largest));
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
    void aBackupHasADiskAGuestStateAndADescription() {
        for (String required : List.of("disk-root.qcow2", "guest-state", "description.sealed")) {
            List<BackupFile> files = files();
            files.removeIf(file -> file.name().equals(required));
            assertThatThrownBy(() -> index(null, files)).hasMessageContaining(required);
        }
    }

    @Test
    void filesAreInTheOrderOfTheirNames() {
        List<BackupFile> files = files();
        Collections.swap(files, 1, 2);
        assertThatThrownBy(() -> index(null, files)).isInstanceOf(IllegalArgumentException.class);
        files.sort(Comparator.comparing(BackupFile::name));
        files.add(2, files.get(1));
        assertThatThrownBy(() -> index(null, files)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anIndexThatNoReaderTakesIsNotWritten() {
        int blocks = BackupIndex.MAX_BYTES / 60;
        List<BackupFile> files = files();
        files.set(
                2,
                new BackupFile(
                        "disk-root.qcow2", (long) blocks * BlockDigests.BLOCK_BYTES, Collections.nCopies(blocks, D)));

        assertThatThrownBy(index(null, files)::encoded).hasMessageContaining("too many bytes");
    }

    @Test
    void aFileIsDigestedInBlocksHoweverItArrives() {
        byte[] bytes = new byte[2500];
        new Random(1).nextBytes(bytes);
        for (int chunk : List.of(1, 7, 1000, 1024, 2500)) {
            BlockDigests digests = new BlockDigests(1000);
            for (int at = 0; at < bytes.length; at += chunk) {
                digests.update(ByteBuffer.wrap(bytes, at, Math.min(chunk, bytes.length - at)));
            }
            assertThat(digests.finish())
                    .containsExactly(
                            Sha256.of(Arrays.copyOfRange(bytes, 0, 1000)),
                            Sha256.of(Arrays.copyOfRange(bytes, 1000, 2000)),
                            Sha256.of(Arrays.copyOfRange(bytes, 2000, 2500)));
        }
        assertThat(new BlockDigests(1000).finish()).isEmpty();
        BlockDigests whole = new BlockDigests(1000);
        whole.update(ByteBuffer.wrap(bytes, 0, 1000));
        assertThat(whole.finish()).hasSize(1);
    }

    @Test
    void aBlockHasSixtyFourMebibytes() {
        assertThat(BlockDigests.BLOCK_BYTES).isEqualTo(67_108_864);
        assertThat(BlockDigests.blocks(67_108_864)).isEqualTo(1);
        assertThat(BlockDigests.blocks(67_108_865)).isEqualTo(2);
        assertThat(BlockDigests.blocks(Long.MAX_VALUE)).isEqualTo(1L << 37);
    }

    @Test
    void namesOfFilesAreThoseOfDisks() {
        assertThat(BackupFileName.ofDataDisk("root")).isEqualTo("disk-data-root.qcow2");
        assertThat(BackupFileName.dataDisk("disk-data-root.qcow2")).hasValue("root");
        assertThat(BackupFileName.dataDisk("disk-root.qcow2")).isEmpty();
        assertThat(BackupFileName.isDisk("disk-data-" + "a".repeat(32) + ".qcow2"))
                .isTrue();
        for (String name : List.of("", "A", "a_b", "-a", "a-", "a.b", "..", "a/b", "a".repeat(33), "a\n")) {
            assertThatThrownBy(() -> BackupFileName.ofDataDisk(name)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
