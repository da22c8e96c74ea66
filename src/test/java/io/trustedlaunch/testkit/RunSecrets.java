package io.trustedlaunch.testkit;

import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.SecretsOfKey;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The keys of all VMs of this run, the cluster's backup key, and what else tests name, kept so that the last test of a lab can
 * search for them. They are in a file per lab, outside the lab's folder, since several processes run the tests of a lab.
 */
public final class RunSecrets {
    private static final Path FILE = Path.of("target", "secrets-of-the-run-" + System.getenv(Lab.NAME_VARIABLE));

    /** Where the secret number of a P-256 key begins in PKCS #8. */
    private static final int SCALAR = 36;

    private static final int SCALAR_BYTES = 32;

    /** Begins the names of what its Secret has, and must not be anywhere else. */
    public static final String BACKUP_KEY = "the cluster's backup key";

    private RunSecrets() {}

    /** Remembers the key and the secrets derived from it. */
    public static void remember(String uid, ProtectionKey key) {
        SecretsOfKey.of(key, uid).forEach((name, secret) -> remember(name + " of " + uid, secret));
    }

    /**
     * Remembers the cluster's backup key.
     *
     * @param data of its Secret
     */
    public static void rememberBackupKey(Map<String, String> data) {
        String pem = new String(Base64.getDecoder().decode(data.get(ClusterBackupKeys.KEY)), StandardCharsets.US_ASCII);
        remember(BACKUP_KEY, scalar(pem));
        // As it stands in the Secret, which is base64 of base64, up to the first line break.
        String line = pem.lines().skip(1).findFirst().orElseThrow();
        remember(BACKUP_KEY + " in PEM", line.substring(SCALAR / 3 * 4).getBytes(StandardCharsets.US_ASCII));
    }

    /** What comes before is the same in each key. */
    private static byte[] scalar(String pem) {
        byte[] key = Base64.getMimeDecoder().decode(pem.replaceAll("-----.*-----", ""));
        if (key[SCALAR - 2] != 4 || key[SCALAR - 1] != SCALAR_BYTES) {
            throw new IllegalArgumentException("not a P-256 key in PKCS #8");
        }
        return Arrays.copyOfRange(key, SCALAR, SCALAR + SCALAR_BYTES);
    }

    /** @param name may be printed */
    public static void remember(String name, byte[] secret) {
        try {
            if (!Files.exists(FILE)) {
                Files.createFile(
                        FILE, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            Files.writeString(
                    FILE, name + "\t" + Base64.getEncoder().encodeToString(secret) + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All remembered secrets by name. */
    public static Map<String, byte[]> all() {
        if (!Files.exists(FILE)) {
            throw new IllegalStateException(
                    "no key of a VM was remembered in this lab: no test waited for a running VM");
        }
        try (Stream<String> lines = Files.lines(FILE)) {
            Map<String, byte[]> all = new LinkedHashMap<>();
            lines.map(line -> line.split("\t"))
                    .forEach(line -> all.put(line[0], Base64.getDecoder().decode(line[1])));
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
