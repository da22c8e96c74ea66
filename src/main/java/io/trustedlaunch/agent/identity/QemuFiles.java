package io.trustedlaunch.agent.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.identity.StoredIdentity.Certified;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.files.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The key and the certificates that QEMU reads for each migration, with the names that its manual requires. The
 * hypervisor's group can read them; they are valid for migrations only.
 *
 * @param folder usually {@code /etc/pki/qemu}
 */
public record QemuFiles(Path folder, HypervisorAccount account) {
    private static final String AUTHORITY = "ca-cert.pem";

    /** Updates the files. Returns the problem if that fails. */
    Optional<String> write(Certified identity) {
        try {
            if (hasForeignAuthority()) {
                return Optional.of(folder + " contains certificates of another authority, which other software may use:"
                        + " move them, or start the agent with another folder in --qemu-pki-dir");
            }
            Files.createDirectories(folder);
            for (Map.Entry<String, String> file : contents(identity).entrySet()) {
                put(folder.resolve(file.getKey()), file.getValue());
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("cannot write QEMU's certificates to " + folder + ": " + e.getMessage());
        }
    }

    private static Map<String, String> contents(Certified identity) {
        Map<String, String> contents = new TreeMap<>();
        contents.put(AUTHORITY, identity.authority().authorityPem());
        for (String role : new String[] {"server", "client"}) {
            contents.put(role + "-key.pem", identity.pair().toPem());
            contents.put(role + "-cert.pem", Certificates.toPem(identity.certificate()));
        }
        return contents;
    }

    private boolean hasForeignAuthority() throws IOException {
        Path file = folder.resolve(AUTHORITY);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try {
            return !Certificates.fromPem(Files.readString(file, US_ASCII))
                    .getSubjectX500Principal()
                    .getName()
                    .startsWith("CN=" + PublishedAuthority.QEMU + "-");
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    /** Atomic, and at no time readable by others. */
    private void put(Path file, String text) throws IOException {
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && Files.readString(file, US_ASCII).equals(text)) {
            account.show(file);
            return;
        }
        Path draft = file.resolveSibling("." + file.getFileName() + ".new");
        Files.deleteIfExists(draft);
        DurableFiles.write(draft, text.getBytes(US_ASCII));
        account.show(draft);
        DurableFiles.publish(draft, file);
    }
}
