package io.trustedlaunch.operator.backup.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.backup.BackupFile;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.PackLimits;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.s3.GrantedAccess;
import io.trustedlaunch.backup.s3.S3Request;
import io.trustedlaunch.backup.s3.account.AccountAccess;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.custody.StoreEnvelope;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GrantedAccessTest {
    private static final BackupId ID = new BackupId(new UUID(1, 1), new UUID(2, 2));
    private static final String SECRET = "an-account's-secret-0123456789";
    private static final long GIB = 1L << 30;

    private static final S3 LOCATION = BackupLocationSpecS3Builder.builder()
            .endpoint("https://s3.example:9000")
            .bucket("vms")
            .prefix("lab/one")
            .region("eu-1")
            .secretRef(new ObjectRef("s3"))
            .caBundle("a bundle")
            .build();

    private static final AccountAccess ACCOUNT = account(LOCATION);

    private static AccountAccess account(S3 location) {
        return new AccountAccess(
                location,
                (PullCredentials.Basic) PullCredentials.basic("account", SECRET),
                Duration.ofHours(24),
                Clock.fixed(Instant.parse("2026-01-01T12:00:00Z"), ZoneOffset.UTC));
    }

    private static BackupFile file(String name) {
        return new BackupFile(name, 1, "0".repeat(64));
    }

    private static BackupIndex.Packs packs(UUID of, int count, IntFunction<String> name) {
        return new BackupIndex.Packs(
                of,
                IntStream.range(0, count)
                        .mapToObj(number -> file(name.apply(number)))
                        .toList());
    }

    private static BackupIndex index(long backup, BackupIndex.Packs... packs) {
        return new BackupIndex(
                new UUID(3, backup),
                ID.vm(),
                "0".repeat(16),
                List.of(file(BackupFileName.DESCRIPTION), file(BackupFileName.GUEST_STATE)),
                List.of(packs));
    }

    private static final BackupIndex EARLIER = index(
            5, packs(new UUID(3, 4), 2, BackupFileName::mapPack), packs(new UUID(3, 5), 1, BackupFileName::dataPack));

    private static GrantedAccess toWrite(BackupIndex... earlier) throws BackupStoreException {
        return GrantedAccess.toWrite(ID, ACCOUNT, PackLimits.of(GIB), List.of(earlier));
    }

    private static void assertMayNot(GrantedAccess granted, S3Request request) {
        assertThatThrownBy(() -> granted.sign(request))
                .isInstanceOfSatisfying(
                        BackupStoreException.class,
                        refused -> assertThat(refused.fault()).isEqualTo(StoreFault.REFUSED))
                .hasMessageContaining(request.toString())
                .hasMessageNotContaining("Signature");
    }

    @Test
    void aUrlIsSignedForOneRequestAndOneDay() {
        URI url = ACCOUNT.sign(S3Request.create(ID, BackupFileName.GUEST_STATE));

        assertThat(url.toString())
                .startsWith("https://s3.example:9000/vms/lab/one/" + ID.vm() + "/" + ID.backup() + "/guest-state?")
                .contains("X-Amz-SignedHeaders=host%3Bif-none-match")
                .contains("X-Amz-Expires=86400")
                .contains("X-Amz-Credential=account%2F20260101%2Feu-1%2Fs3%2Faws4_request")
                .doesNotContain(SECRET);
    }

    @Test
    void aRunWritesItsOwnPacksAndReadsTheMapsOfEarlierBackups() throws BackupStoreException {
        GrantedAccess granted = toWrite(EARLIER);

        for (String own : List.of(
                BackupFileName.BEGUN,
                BackupFileName.INDEX,
                BackupFileName.dataPack(0),
                BackupFileName.dataPack(16),
                BackupFileName.mapPack(0))) {
            assertThat(granted.sign(S3Request.create(ID, own)).getRawQuery()).contains("if-none-match");
            granted.sign(S3Request.get(ID, own));
        }
        granted.sign(S3Request.get(EARLIER.id(), BackupFileName.INDEX));
        granted.sign(S3Request.get(EARLIER.id(), BackupFileName.DESCRIPTION));
        BackupId maps = new BackupId(ID.vm(), new UUID(3, 4));
        granted.sign(S3Request.get(maps, BackupFileName.mapPack(1)));

        assertMayNot(granted, S3Request.get(maps, BackupFileName.mapPack(2)));
        assertMayNot(granted, S3Request.get(EARLIER.id(), BackupFileName.dataPack(0)));
        assertMayNot(granted, S3Request.get(EARLIER.id(), BackupFileName.GUEST_STATE));
        assertMayNot(granted, S3Request.create(EARLIER.id(), BackupFileName.dataPack(1)));
        assertMayNot(granted, S3Request.create(maps, BackupFileName.mapPack(2)));
        assertThatThrownBy(() -> granted.sign(S3Request.get(maps, BackupFileName.INDEX)))
                .as("only that backup is of no use")
                .isInstanceOfSatisfying(
                        BackupStoreException.class,
                        refused -> assertThat(refused.fault()).isEqualTo(StoreFault.FAILED));
        assertMayNot(granted, S3Request.probe());
        BackupId otherVm = new BackupId(new UUID(9, 9), EARLIER.backup());
        assertMayNot(granted, S3Request.get(otherVm, BackupFileName.mapPack(0)));
        assertMayNot(granted, S3Request.create(otherVm, BackupFileName.dataPack(0)));
    }

    @Test
    void aRunThatReadsABackupReadsAllThatThisNeedsAndWritesNothing() throws BackupStoreException {
        GrantedAccess granted = GrantedAccess.toRead(ID, ACCOUNT, EARLIER.id(), Optional.of(EARLIER), List.of());

        for (String file : List.of(
                BackupFileName.INDEX,
                BackupFileName.GUEST_STATE,
                BackupFileName.DESCRIPTION,
                BackupFileName.dataPack(0))) {
            granted.sign(S3Request.get(EARLIER.id(), file));
            assertMayNot(granted, S3Request.create(EARLIER.id(), file));
        }
        granted.sign(S3Request.get(new BackupId(ID.vm(), new UUID(3, 4)), BackupFileName.mapPack(1)));
        assertMayNot(granted, S3Request.create(ID, BackupFileName.BEGUN));
        assertMayNot(granted, S3Request.get(EARLIER.id(), BackupFileName.CLUSTER_ESCROW));
        BackupId compared = new BackupId(ID.vm(), new UUID(3, 7));
        GrantedAccess ofNone = GrantedAccess.toRead(ID, ACCOUNT, EARLIER.id(), Optional.empty(), List.of(compared));
        ofNone.sign(S3Request.get(EARLIER.id(), BackupFileName.INDEX));
        ofNone.sign(S3Request.get(compared, BackupFileName.INDEX));
        assertThat(ofNone.urls()).as("the marker, too").hasSize(3);
    }

    /** All names as long as they may be. */
    @Test
    void theMostUrlsFitIntoAnEnvelope() throws BackupStoreException {
        AccountAccess longest = account(BackupLocationSpecS3Builder.builder(LOCATION)
                .endpoint("https://" + "e".repeat(495) + ":9000")
                .bucket("b".repeat(63))
                .prefix("p".repeat(255))
                .caBundle("c".repeat(65_536))
                .build());
        BackupIndex[] earlier = Stream.of(7, 8)
                .map(backup ->
                        index(backup, packs(new UUID(4, backup), GrantedAccess.MAX_MAPS, BackupFileName::mapPack)))
                .toArray(BackupIndex[]::new);
        BackupIndex most = index(9, packs(new UUID(4, 9), BackupIndex.MAX_PACKS, BackupFileName::dataPack));

        for (GrantedAccess granted : List.of(
                GrantedAccess.toWrite(ID, longest, PackLimits.of(5000 * GIB), List.of(earlier)),
                GrantedAccess.toRead(ID, longest, most.id(), Optional.of(most), List.of()))) {
            byte[] encoded = granted.encoded();
            System.out.println(granted.urls().size() + " URLs: " + encoded.length + " bytes");
            assertThat(encoded).hasSizeLessThan(StoreEnvelope.MAX_GRANT_BYTES);
            assertThat(GrantedAccess.decode(encoded)).isEqualTo(granted);
        }
    }

    /** The digest of its index is on record, and its node may have written anything there. */
    @Test
    void aBackupWithTooManyMapsIsNotComparedWith() {
        assertThat(GrantedAccess.canBeCompared(
                        index(7, packs(new UUID(4, 7), GrantedAccess.MAX_MAPS, BackupFileName::mapPack))))
                .isTrue();
        assertThat(GrantedAccess.canBeCompared(
                        index(7, packs(new UUID(4, 7), GrantedAccess.MAX_MAPS + 1, BackupFileName::mapPack))))
                .isFalse();
    }

    @Test
    void itShowsNoUrl() throws BackupStoreException {
        assertThat(toWrite().toString())
                .contains("https://s3.example:9000/vms/lab/one")
                .doesNotContain("Signature");
    }

    @Test
    void whatIsNoneIsRefusedWithoutRepeatingIt() throws BackupStoreException {
        byte[] encoded = toWrite().encoded();
        byte[] cut = java.util.Arrays.copyOf(encoded, encoded.length / 2);
        for (byte[] none : new byte[][] {{}, {1, 2, 3}, cut}) {
            assertThatThrownBy(() -> GrantedAccess.decode(none))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageNotContaining("http");
        }
    }
}
