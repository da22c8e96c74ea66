package io.trustedlaunch.operator.backup.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.BlockDigests;
import io.trustedlaunch.backup.s3.BegunUpload;
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
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GrantedAccessTest {
    private static final BackupId ID = new BackupId(new UUID(1, 1), new UUID(2, 2));
    private static final String SECRET = "an-account's-secret-0123456789";

    private static final S3 LOCATION = BackupLocationSpecS3Builder.builder()
            .endpoint("https://s3.example:9000")
            .bucket("vms")
            .prefix("lab/one")
            .region("eu-1")
            .secretRef(new ObjectRef("s3"))
            .caBundle("a bundle")
            .build();

    private static final AccountAccess ACCOUNT = new AccountAccess(
            LOCATION,
            (PullCredentials.Basic) PullCredentials.basic("account", SECRET),
            Duration.ofHours(24),
            Clock.fixed(Instant.parse("2026-01-01T12:00:00Z"), ZoneOffset.UTC));

    private static GrantedAccess granted(int disks, int parts) throws BackupStoreException {
        Map<String, BegunUpload> uploads = new TreeMap<>();
        for (int disk = 0; disk < disks; disk++) {
            uploads.put(
                    BackupFileName.ofDataDisk("disk-" + disk),
                    new BegunUpload("2~" + "x".repeat(90) + disk, 1L << 30, parts));
        }
        List<BackupId> bases = IntStream.range(0, 64)
                .mapToObj(base -> new BackupId(ID.vm(), new UUID(3, base)))
                .toList();
        return GrantedAccess.toWrite(ID, ACCOUNT, uploads, bases);
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
        assertThat(ACCOUNT.sign(S3Request.list(ID)).getRawQuery()).contains("prefix=lab%2Fone%2F" + ID.vm());
    }

    @Test
    void theUrlsOfTheLargestRunFitIntoAnEnvelope() throws BackupStoreException {
        for (int disks : new int[] {4, 17}) {
            GrantedAccess granted = granted(disks, GrantedAccess.MAX_PARTS / disks);
            byte[] encoded = granted.encoded();

            System.out.println(disks + " disks, " + granted.urls().size() + " URLs: " + encoded.length + " bytes");
            assertThat(encoded).hasSizeLessThan(StoreEnvelope.MAX_GRANT_BYTES / 2);
            assertThat(GrantedAccess.decode(encoded)).isEqualTo(granted);
        }
    }

    @Test
    void itShowsNoUrl() throws BackupStoreException {
        GrantedAccess granted = granted(1, 1);
        assertThat(granted.toString())
                .contains("https://s3.example:9000/vms/lab/one")
                .doesNotContain("Signature");
        assertThatThrownBy(() -> granted.sign(S3Request.probe())).hasMessageNotContaining("Signature");
    }

    @Test
    void whatIsNoneIsRefusedWithoutRepeatingIt() throws BackupStoreException {
        byte[] encoded = granted(1, 1).encoded();
        byte[] cut = java.util.Arrays.copyOf(encoded, encoded.length / 2);
        for (byte[] none : new byte[][] {{}, {1, 2, 3}, cut}) {
            assertThatThrownBy(() -> GrantedAccess.decode(none))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageNotContaining("http");
        }
    }

    @Test
    void partsGrowSoThatThereAreNotTooMany() {
        long gib = 1L << 30;
        assertThat(BegunUpload.of("u", gib, 1000)).isEqualTo(new BegunUpload("u", BlockDigests.BLOCK_BYTES, 16));
        assertThat(BegunUpload.of("u", 0, 1000).parts()).isOne();
        for (long bytes : new long[] {62 * gib, 63 * gib, 1024 * gib + 1, 4000 * gib}) {
            BegunUpload upload = BegunUpload.of("u", bytes, 1000);
            assertThat(upload.parts()).isLessThanOrEqualTo(1000);
            assertThat(upload.parts() * upload.partBytes()).isGreaterThanOrEqualTo(bytes);
        }
        assertThatThrownBy(() -> BegunUpload.of("u", 6000 * gib, 1000)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BegunUpload.of("", 1, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
