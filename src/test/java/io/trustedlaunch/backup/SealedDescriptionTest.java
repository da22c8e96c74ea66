package io.trustedlaunch.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.backup.SealedDescription.Opening;
import io.trustedlaunch.custody.BackupDescriptionKey;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.custody.KeyWrappedMessage;
import io.trustedlaunch.custody.ProtectionKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealedDescriptionTest {
    private final BackupFixture fixture = new BackupFixture(1);
    private final BackupIndex full = fixture.make(BackupFixture.VM, 1, null);
    private final BackupIndex index = fixture.make(BackupFixture.VM, 2, full);
    private final BackupDescriptionKey key = fixture.descriptionKey();
    private final BackupDescription description =
            BackupFixture.describe(index.content()).build();

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
        assertThat(open(fixture.stored(index, BackupFileName.DESCRIPTION), index))
                .isEqualTo(new Opening.Opened(description));
        assertThat(description.instant()).isEqualTo("2026-11-25T02:00:07.120Z");
    }

    @Test
    void theEncodingNeverChanges() {
        BackupDescription fixed = BackupDescriptionBuilder.builder(description)
                .contentSHA256("ab".repeat(32))
                .build();
        assertThat(new String(CanonicalJson.encode(fixed), UTF_8))
                .isEqualTo("{\"format\":1,\"contentSHA256\":\"" + "ab".repeat(32) + "\",\"vm\":\"" + BackupFixture.VM
                        + "\",\"namespace\":\"finance\",\"name\":\"payroll\",\"image\":{\"name\":\"ws2022\",\"sha256\":\""
                        + BackupFixture.IMAGE.sha256() + "\",\"provenance\":\"Signed\"},\"epoch\":7,"
                        + "\"guestState\":{\"epoch\":7,\"generation\":212},\"ekDigest\":\"" + "5e".repeat(32)
                        + "\",\"disks\":[{\"file\":\"disk-data-data.qcow2\",\"virtualBytes\":137438953472},"
                        + "{\"file\":\"disk-root.qcow2\",\"virtualBytes\":137438953472}],\"quiesced\":true,"
                        + "\"time\":\"2026-11-25T02:00:07.120Z\"}");
    }

    @Test
    void anAdoptedVmHasNoImage() {
        BackupDescription adopted =
                BackupDescriptionBuilder.builder(description).image(null).build();

        assertThat(open(sealed(adopted), index)).isEqualTo(new Opening.Opened(adopted));
    }

    /** An index with files of two backups, or on another parent, does not get the description of either. */
    @Test
    void noFileAndNoParentIsExchangedBesideIt() {
        byte[] sealed = fixture.stored(index, BackupFileName.DESCRIPTION);
        BackupContent content = index.content();
        for (int at = 0; at < content.files().size(); at++) {
            List<BackupFile> files = new ArrayList<>(content.files());
            files.set(at, full.content().files().get(at));
            assertFault(
                    open(sealed, recombined(content.parent(), files, content.keyId())),
                    BackupFault.DESCRIPTION_OF_OTHER_FILES);
        }
        BackupIndex.Parent other = new BackupIndex.Parent(BackupFixture.backup(9), "ab".repeat(32));
        assertFault(
                open(sealed, recombined(other, content.files(), content.keyId())),
                BackupFault.DESCRIPTION_OF_OTHER_FILES);
        assertFault(
                open(sealed, recombined(null, content.files(), content.keyId())),
                BackupFault.DESCRIPTION_OF_OTHER_FILES);
        assertFault(
                open(sealed, recombined(content.parent(), content.files(), "00".repeat(8))),
                BackupFault.DESCRIPTION_OF_OTHER_FILES);
        assertFault(open(sealed, full), BackupFault.DESCRIPTION_OF_OTHER_FILES);
    }

    private BackupIndex recombined(BackupIndex.Parent parent, List<BackupFile> files, String keyId) {
        return new BackupContent(index.backup(), index.vm(), keyId, parent, files)
                .index(index.files().stream()
                        .filter(file -> file.name().equals(BackupFileName.DESCRIPTION))
                        .findFirst()
                        .orElseThrow());
    }

    @Test
    void onlyTheVmsOwnKeyForThisPurposeOpensIt() {
        byte[] sealed = fixture.stored(index, BackupFileName.DESCRIPTION);
        try (BackupDescriptionKey other =
                        ProtectionKey.generate(fixture.random).backupDescriptionKey(BackupFixture.VM);
                BackupDescriptionKey ofOtherVm = fixture.key.backupDescriptionKey(BackupFixture.OTHER_VM);
                GuestStateKey forGuestState = fixture.key.guestStateKey(BackupFixture.VM)) {
            assertFault(SealedDescription.open(sealed, index, other), BackupFault.DESCRIPTION_NOT_OPENED);
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
                "{\"format\":1}",
                "null",
                "[]",
                "{\"format\":1,\"format\":1}",
            })
    void anyOtherContentIsRefused(String content) {
        assertFault(
                open(KeyWrappedMessage.seal(content.getBytes(UTF_8), key, fixture.random), index),
                BackupFault.DESCRIPTION_MALFORMED);
    }

    @Test
    void aContradictionOrALaterFormatHasItsReason() {
        BackupDescription otherDisks = BackupDescriptionBuilder.builder(description)
                .disks(Collections.nCopies(1, new BackupDescription.Disk(BackupFileName.ROOT_DISK, 1)))
                .build();
        BackupDescription otherVm = BackupDescriptionBuilder.builder(description)
                .vm(BackupFixture.OTHER_VM)
                .build();

        assertFault(open(sealed(otherDisks), index), BackupFault.DESCRIPTION_MALFORMED);
        assertFault(open(sealed(otherVm), index), BackupFault.DESCRIPTION_MALFORMED);
        assertFault(
                open(KeyWrappedMessage.seal("{\"format\":2,\"x\":1}".getBytes(UTF_8), key, fixture.random), index),
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
        assertThatThrownBy(() -> new BackupDescription.Disk(BackupFileName.GUEST_STATE, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
