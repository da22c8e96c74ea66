package io.trustedlaunch.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.trustedlaunch.backup.SealedDescription.Opening;
import io.trustedlaunch.custody.BackupDescriptionKey;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.custody.KeyWrappedMessage;
import io.trustedlaunch.custody.ProtectionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealedDescriptionTest {
    private final BackupFixture fixture = new BackupFixture(1);
    private final BackupIndex other = fixture.make(BackupFixture.VM, 1);
    private final BackupIndex index =
            fixture.make(BackupFixture.VM, 2, Optional.of(other), fixture.content(), fixture.key);
    private final BackupDescriptionKey key = fixture.descriptionKey();
    private final BackupDescription description = opened();

    private BackupDescription opened() {
        return ((Opening.Opened) open(fixture.stored(index, BackupFileName.DESCRIPTION), index)).description();
    }

    private Opening open(byte[] sealed, BackupIndex of) {
        return SealedDescription.open(sealed, of, key);
    }

    private byte[] sealed(Object content) {
        return KeyWrappedMessage.seal(CanonicalJson.encode(content), key, fixture.random);
    }

    private static void assertFault(Opening opening, BackupFault fault) {
        assertThat(opening)
                .isInstanceOfSatisfying(
                        Opening.Refused.class,
                        refused -> assertThat(refused.fault())
                                .as(refused.message())
                                .isEqualTo(fault));
    }

    @Test
    void itOpensWithItsIndex() {
        assertThat(description.contentSHA256()).isEqualTo(index.content().sha256());
        assertThat(description.disks())
                .extracting(BackupDescription.Disk::name, BackupDescription.Disk::virtualBytes)
                .containsExactly(tuple("data-data", 1000L), tuple("root", 3000L));
        assertThat(description.instant()).isEqualTo("2026-11-25T02:00:07.120Z");
        assertThat(description.disk(DiskName.ROOT)).isPresent();
        assertThat(description.disk(DiskName.ofData("other"))).isEmpty();
    }

    @Test
    void theEncodingNeverChanges() {
        BackupDescription fixed = BackupDescriptionBuilder.builder(description)
                .contentSHA256("ab".repeat(32))
                .disks(List.of(new BackupDescription.Disk(
                        "root", 1L << 37, new SegmentRef(BackupFixture.backup(2), "map-00000", 1 << 20, 76))))
                .build();
        assertThat(new String(CanonicalJson.encode(fixed), UTF_8))
                .isEqualTo("{\"format\":2,\"contentSHA256\":\"" + "ab".repeat(32) + "\",\"vm\":\"" + BackupFixture.VM
                        + "\",\"namespace\":\"finance\",\"name\":\"payroll\",\"image\":{\"name\":\"ws2022\",\"sha256\":\""
                        + BackupFixture.IMAGE.sha256() + "\",\"provenance\":\"Signed\"},\"epoch\":7,"
                        + "\"guestState\":{\"epoch\":7,\"generation\":212},\"ekDigest\":\"" + "5e".repeat(32)
                        + "\",\"disks\":[{\"name\":\"root\",\"virtualBytes\":137438953472,\"map\":{\"backup\":\""
                        + BackupFixture.backup(2) + "\",\"file\":\"map-00000\",\"offset\":1048576,\"bytes\":76}}],"
                        + "\"quiesced\":true,\"time\":\"2026-11-25T02:00:07.120Z\"}");
    }

    @Test
    void anAdoptedVmHasNoImage() {
        BackupDescription adopted =
                BackupDescriptionBuilder.builder(description).image(null).build();

        assertThat(open(sealed(adopted), index)).isEqualTo(new Opening.Opened(adopted));
    }

    /** An index with files or packs of two backups does not get the description of either. */
    @Test
    void nothingIsExchangedBesideIt() {
        BackupContent content = index.content();
        for (int at = 0; at < content.files().size(); at++) {
            List<BackupFile> files = new ArrayList<>(content.files());
            files.set(at, other.content().files().get(at));
            assertOfOtherFiles(
                    new BackupContent(content.backup(), content.vm(), content.keyId(), files, content.packs()));
        }
        for (List<BackupIndex.Packs> packs : List.of(other.content().packs(), List.<BackupIndex.Packs>of())) {
            assertOfOtherFiles(
                    new BackupContent(content.backup(), content.vm(), content.keyId(), content.files(), packs));
        }
        assertOfOtherFiles(
                new BackupContent(content.backup(), content.vm(), "00".repeat(8), content.files(), content.packs()));
        assertOfOtherFiles(
                new BackupContent(other.backup(), content.vm(), content.keyId(), content.files(), content.packs()));
        assertFault(
                open(fixture.stored(index, BackupFileName.DESCRIPTION), other), BackupFault.DESCRIPTION_OF_OTHER_FILES);
    }

    private void assertOfOtherFiles(BackupContent recombined) {
        BackupIndex with = recombined.index(index.files().stream()
                .filter(file -> file.name().equals(BackupFileName.DESCRIPTION))
                .findFirst()
                .orElseThrow());
        assertFault(
                open(fixture.stored(index, BackupFileName.DESCRIPTION), with), BackupFault.DESCRIPTION_OF_OTHER_FILES);
    }

    @Test
    void onlyTheVmsOwnKeyForThisPurposeOpensIt() {
        byte[] sealed = fixture.stored(index, BackupFileName.DESCRIPTION);
        try (BackupDescriptionKey ofOtherKey =
                        ProtectionKey.generate(fixture.random).backupDescriptionKey(BackupFixture.VM);
                BackupDescriptionKey ofOtherVm = fixture.key.backupDescriptionKey(BackupFixture.OTHER_VM);
                GuestStateKey forGuestState = fixture.key.guestStateKey(BackupFixture.VM)) {
            assertFault(SealedDescription.open(sealed, index, ofOtherKey), BackupFault.DESCRIPTION_NOT_OPENED);
            assertFault(SealedDescription.open(sealed, index, ofOtherVm), BackupFault.DESCRIPTION_NOT_OPENED);
            assertFault(
                    open(
                            KeyWrappedMessage.seal(CanonicalJson.encode(description), forGuestState, fixture.random),
                            index),
                    BackupFault.DESCRIPTION_NOT_OPENED);
            assertThatThrownBy(() -> SealedDescription.seal(description, ofOtherVm, fixture.random))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void noAlteredByteIsOverlooked() {
        byte[] sealed = fixture.stored(index, BackupFileName.DESCRIPTION);
        for (int at = 0; at < sealed.length; at++) {
            byte[] altered = sealed.clone();
            altered[at] ^= 1;
            assertFault(open(altered, index), BackupFault.DESCRIPTION_NOT_OPENED);
        }
        assertFault(open(new byte[0], index), BackupFault.DESCRIPTION_NOT_OPENED);
        assertFault(open(new byte[SealedDescription.MAX_BYTES + 1], index), BackupFault.DESCRIPTION_NOT_OPENED);
    }

    /** Only a holder of the key can make these. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"format\":2}",
                "null",
                "[]",
                "{\"format\":2,\"format\":2}",
            })
    void anyOtherContentIsRefused(String content) {
        assertFault(
                open(KeyWrappedMessage.seal(content.getBytes(UTF_8), key, fixture.random), index),
                BackupFault.DESCRIPTION_MALFORMED);
    }

    @Test
    void aContradictionOrALaterFormatHasItsReason() {
        BackupDescription otherPack = BackupDescriptionBuilder.builder(description)
                .disks(List.of(new BackupDescription.Disk(
                        DiskName.ROOT, 1, new SegmentRef(BackupFixture.backup(9), "map-00000", 0, 100))))
                .build();
        BackupDescription otherVm = BackupDescriptionBuilder.builder(description)
                .vm(BackupFixture.OTHER_VM)
                .build();

        assertFault(open(sealed(otherPack), index), BackupFault.DESCRIPTION_MALFORMED);
        assertFault(open(sealed(otherVm), index), BackupFault.DESCRIPTION_MALFORMED);
        assertFault(
                open(KeyWrappedMessage.seal("{\"format\":3,\"x\":1}".getBytes(UTF_8), key, fixture.random), index),
                BackupFault.UNSUPPORTED_FORMAT);
    }

    @Test
    void aDescriptionIsComplete() {
        for (BackupDescriptionBuilder broken : List.of(
                BackupDescriptionBuilder.builder(description).epoch(0),
                BackupDescriptionBuilder.builder(description).time("yesterday"),
                BackupDescriptionBuilder.builder(description).time("2026-11-25T03:00:07+01:00"),
                BackupDescriptionBuilder.builder(description).ekDigest("5E".repeat(32)),
                BackupDescriptionBuilder.builder(description).contentSHA256(null))) {
            assertThatThrownBy(broken::build).isInstanceOf(IllegalArgumentException.class);
        }
        SegmentRef map = description.disks().getFirst().map();
        for (String name : List.of("", "disk", "data-", "data-A", "data-a/b", "root.qcow2", "ROOT")) {
            assertThatThrownBy(() -> new BackupDescription.Disk(name, 1, map))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new BackupDescription.Disk(DiskName.ROOT, 0, map))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BackupDescription.Disk(DiskName.ROOT, 1, null))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
