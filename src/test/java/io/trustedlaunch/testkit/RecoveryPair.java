package io.trustedlaunch.testkit;

import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.custody.RecoveryKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A recovery key and its certificate, made with openssl as in docs/recovery.md. */
public record RecoveryPair(Path keyFile, Path certificateFile) {

    /** @param kind {@code rsa:BITS} or {@code ec:CURVE}, for example {@code rsa:3072} or {@code ec:P-384} */
    public static RecoveryPair make(Path folder, String kind, String... more) {
        String name = kind.replace(':', '-');
        Path key = folder.resolve(name + ".key.pem");
        Path certificate = folder.resolve(name + ".crt.pem");
        List<String> command = new ArrayList<>(List.of("req", "-x509", "-newkey"));
        command.addAll(
                kind.startsWith("ec:")
                        ? List.of("ec", "-pkeyopt", "ec_paramgen_curve:" + kind.substring("ec:".length()))
                        : List.of(kind));
        command.addAll(List.of("-nodes", "-subj", "/CN=recovery", "-keyout", key.toString()));
        command.addAll(List.of("-out", certificate.toString()));
        command.addAll(List.of(more));
        try {
            OpenSsl.run(command.toArray(String[]::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        return new RecoveryPair(key, certificate);
    }

    public RecoveryKey key() {
        return RecoveryKey.fromPem(read(keyFile), Optional.empty());
    }

    public RecoveryCertificate certificate() {
        return RecoveryCertificate.fromPem(read(certificateFile));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
