package io.trustedlaunch.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.NodeKeyPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityFilesTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final CertificatePurpose SEALING = CertificatePurpose.SEALING;

    private final NodeKeyPair pair = NodeKeyPair.generate(new SecureRandom());
    private final TestAuthority authority = new TestAuthority(NOW);

    @TempDir
    private Path parent;

    private Path folder;
    private IdentityFiles files;

    @BeforeEach
    void open() {
        folder = parent.resolve("agent/identity");
        files = new IdentityFiles(folder);
    }

    @Test
    void aStoredIdentityIsReadBack() {
        assertThat(files.read(SEALING)).isInstanceOf(StoredIdentity.NoKey.class);

        files.storeKey(SEALING, pair);
        assertThat(files.read(SEALING)).isInstanceOf(StoredIdentity.KeyOnly.class);

        files.storeCertificate(SEALING, authority.issue(pair, "host-a", SEALING, NOW), authority.verifier());
        assertThat(files.read(SEALING)).isInstanceOf(StoredIdentity.Certified.class);
        assertThat(files.read(CertificatePurpose.AGENT)).isInstanceOf(StoredIdentity.NoKey.class);
    }

    @Test
    void onlyTheOwnerHasAccessToFilesAndFolder() throws IOException {
        files.storeKey(SEALING, pair);

        assertThat(mode(folder)).isEqualTo("rwx------");
        assertThat(mode(folder.resolve("sealing.key"))).isEqualTo("rw-------");
        try (var left = Files.list(folder)) {
            assertThat(left).containsExactly(folder.resolve("sealing.key"));
        }
    }

    @Test
    void aKeyThatOthersCanReadIsNotUsed() throws IOException {
        files.storeKey(SEALING, pair);
        Files.setPosixFilePermissions(folder.resolve("sealing.key"), PosixFilePermissions.fromString("rw-r-----"));

        assertThat(unusable()).contains("rw-r-----", "remove it");
    }

    @Test
    void aSymbolicLinkInPlaceOfAKeyIsNotFollowed() throws IOException {
        files.storeKey(CertificatePurpose.AGENT, pair);
        Files.createSymbolicLink(folder.resolve("sealing.key"), folder.resolve("agent.key"));

        assertThat(unusable()).contains("not a regular file");
    }

    @Test
    void aDamagedKeyIsReportedWithoutItsContent() throws IOException {
        files.storeKey(SEALING, pair);
        Path key = folder.resolve("sealing.key");
        List<String> lines = Files.readAllLines(key);
        Files.write(key, lines.subList(0, 2));

        assertThat(unusable()).contains("sealing.key").doesNotContain(lines.get(1));
    }

    @Test
    void aReaderFindsACertificateWhileTheAuthorityChanges() throws Exception {
        TestAuthority other = new TestAuthority(NOW);
        X509Certificate first = authority.issue(pair, "host-a", SEALING, NOW);
        X509Certificate second = other.issue(pair, "host-a", SEALING, NOW);
        files.storeKey(SEALING, pair);
        files.storeCertificate(SEALING, first, authority.verifier());

        AtomicBoolean changing = new AtomicBoolean(true);
        try (ExecutorService reader = Executors.newSingleThreadExecutor()) {
            Future<Set<Class<?>>> found = reader.submit(() -> {
                Set<Class<?>> types = new HashSet<>();
                while (changing.get()) {
                    types.add(files.read(SEALING).getClass());
                }
                return types;
            });
            for (int change = 0; change < 20; change++) {
                files.storeCertificate(SEALING, second, other.verifier());
                files.storeCertificate(SEALING, first, authority.verifier());
            }
            changing.set(false);

            assertThat(found.get()).containsExactly(StoredIdentity.Certified.class);
        }
    }

    @Test
    void aCertificateThatIsDamagedOrOfAnotherKeyCountsAsMissing() throws IOException {
        files.storeKey(SEALING, pair);
        files.storeCertificate(
                SEALING,
                authority.issue(NodeKeyPair.generate(new SecureRandom()), "host-a", SEALING, NOW),
                authority.verifier());
        assertThat(files.read(SEALING)).isInstanceOf(StoredIdentity.KeyOnly.class);

        Files.writeString(folder.resolve("sealing.crt"), "half a certi");
        assertThat(files.read(SEALING)).isInstanceOf(StoredIdentity.KeyOnly.class);
    }

    @Test
    void aCertificateWithoutTheAuthorityThatIssuedItCountsAsMissing() throws IOException {
        files.storeKey(SEALING, pair);
        files.storeCertificate(
                SEALING, authority.issue(pair, "host-a", SEALING, NOW), new TestAuthority(NOW).verifier());
        assertThat(files.read(SEALING)).isInstanceOf(StoredIdentity.KeyOnly.class);

        files.storeCertificate(SEALING, authority.issue(pair, "host-a", SEALING, NOW), authority.verifier());
        Files.delete(folder.resolve("sealing-ca.crt"));
        assertThat(files.read(SEALING)).isInstanceOf(StoredIdentity.KeyOnly.class);
    }

    @Test
    void aLeftoverOfACrashDoesNotPreventANewKey() throws IOException {
        files.storeKey(CertificatePurpose.AGENT, pair);
        Files.writeString(folder.resolve("sealing.key.new"), "half a k");

        files.storeKey(SEALING, pair);

        assertThat(files.read(SEALING)).isInstanceOf(StoredIdentity.KeyOnly.class);
    }

    private String unusable() {
        return ((StoredIdentity.Unusable) files.read(SEALING)).message();
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
