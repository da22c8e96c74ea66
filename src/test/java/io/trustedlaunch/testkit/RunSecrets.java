package io.trustedlaunch.testkit;

import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.SecretsOfKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The keys of all VMs of this run, kept so that the last test of a lab can search for them. They are in a file per lab, outside
 * the lab's folder, since several processes run the tests of a lab.
 */
public final class RunSecrets {
    private static final Path FILE = Path.of("target", "secrets-of-the-run-" + System.getenv(Lab.NAME_VARIABLE));

    private RunSecrets() {}

    /** Remembers the key and the secrets derived from it. */
    public static void remember(String uid, ProtectionKey key) {
        SecretsOfKey.of(key, uid).forEach((name, secret) -> remember(name + " of " + uid, secret));
    }

    private static void remember(String name, byte[] secret) {
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
