package io.trustedlaunch.agent.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.NodeKeyPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The files {@code sealing.key}, {@code sealing.crt}, {@code sealing-ca.crt} and so on, in a folder for root only. */
final class IdentityFiles {
    private static final Set<PosixFilePermission> FOLDER_MODE = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> FILE_MODE = PosixFilePermissions.fromString("rw-------");
    private static final int MAX_BYTES = 16 * 1024;

    private final Path folder;

    IdentityFiles(Path folder) {
        this.folder = folder;
    }

    synchronized StoredIdentity read(CertificatePurpose purpose) {
        Path key = keyFile(purpose);
        try {
            if (!Files.exists(key, LinkOption.NOFOLLOW_LINKS)) {
                return new StoredIdentity.NoKey();
            }
            Optional<String> exposure = exposure(key);
            if (exposure.isPresent()) {
                return unusable(key, exposure.get());
            }
            NodeKeyPair pair = NodeKeyPair.fromPem(text(key));
            Optional<NodeCertificateVerifier> authority = authority(purpose);
            return certificate(purpose)
                    .filter(pair::isCertifiedBy)
                    .filter(certificate -> authority
                            .map(issuer -> issuer.hasIssued(certificate))
                            .orElse(false))
                    .<StoredIdentity>map(
                            certificate -> new StoredIdentity.Certified(pair, certificate, authority.orElseThrow()))
                    .orElseGet(() -> new StoredIdentity.KeyOnly(pair));
        } catch (IllegalArgumentException | IOException e) {
            return unusable(key, e.getMessage());
        }
    }

    void storeKey(CertificatePurpose purpose, NodeKeyPair pair) {
        store(keyFile(purpose), pair.toPem());
    }

    /**
     * After a crash between the two files, the certificate counts as missing and is requested again. Synchronized, so that
     * no reader sees a missing certificate during a renewal.
     */
    synchronized void storeCertificate(
            CertificatePurpose purpose, X509Certificate certificate, NodeCertificateVerifier authority) {
        store(authorityFile(purpose), authority.authorityPem());
        store(certificateFile(purpose), Certificates.toPem(certificate));
    }

    private Path keyFile(CertificatePurpose purpose) {
        return folder.resolve(purpose.label() + ".key");
    }

    private Path certificateFile(CertificatePurpose purpose) {
        return folder.resolve(purpose.label() + ".crt");
    }

    private Path authorityFile(CertificatePurpose purpose) {
        return folder.resolve(purpose.label() + "-ca.crt");
    }

    private Optional<X509Certificate> certificate(CertificatePurpose purpose) throws IOException {
        return parsed(certificateFile(purpose), Certificates::fromPem);
    }

    private Optional<NodeCertificateVerifier> authority(CertificatePurpose purpose) throws IOException {
        return parsed(authorityFile(purpose), NodeCertificateVerifier::fromPem);
    }

    /** Empty if it is missing or malformed, since it can be requested again. */
    private static <T> Optional<T> parsed(Path file, Function<String, T> parser) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try {
            return Optional.of(parser.apply(text(file)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** A key that others could read or replace is not this node's secret. */
    private Optional<String> exposure(Path key) throws IOException {
        PosixFileAttributes attributes =
                Files.readAttributes(key, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isRegularFile()) {
            return Optional.of("it is not a regular file");
        }
        Set<PosixFilePermission> excess = EnumSet.copyOf(attributes.permissions());
        excess.removeAll(FILE_MODE);
        if (!excess.isEmpty()) {
            return Optional.of("it has mode " + PosixFilePermissions.toString(attributes.permissions())
                    + ", so others may have read it");
        }
        return attributes.owner().equals(Files.getOwner(folder))
                ? Optional.empty()
                : Optional.of("its owner is " + attributes.owner().getName());
    }

    private static StoredIdentity.Unusable unusable(Path key, String problem) {
        return new StoredIdentity.Unusable(
                "key file " + key + " cannot be used: " + problem + ". To get a new key, remove it");
    }

    private static String text(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("it is larger than " + MAX_BYTES + " bytes");
        }
        return Files.readString(file, US_ASCII);
    }

    /** Atomic and durable, and at no time readable by others. */
    private void store(Path file, String text) {
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        try {
            makeFolder();
            Files.deleteIfExists(draft);
            FileAttribute<?> mode = PosixFilePermissions.asFileAttribute(FILE_MODE);
            try (FileChannel channel =
                    FileChannel.open(draft, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(US_ASCII));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot store " + file, e);
        }
    }

    private void makeFolder() throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(FOLDER_MODE));
        }
        Files.setPosixFilePermissions(folder, FOLDER_MODE);
    }
}
