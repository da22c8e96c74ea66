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
 * The keys that VMs of this run had, kept until its end so that they can be looked for once all tests have left their
 * traces. In a file for each lab, outside of it, since the tests of a run are several processes.
 */
public final class RunSecrets {
    private static final Path FILE = Path.of("target", "secrets-of-the-run-" + System.getenv(Lab.NAME_VARIABLE));

    private RunSecrets() {}

    /** The key, and what is derived from it. */
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

    /** By name. */
    public static Map<String, byte[]> all() {
        if (!Files.exists(FILE)) {
            throw new IllegalStateException("no key of a VM was remembered in this lab: no test awaited one that runs");
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
