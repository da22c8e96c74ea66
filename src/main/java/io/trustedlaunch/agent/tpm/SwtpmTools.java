package io.trustedlaunch.agent.tpm;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.List;
import java.util.Optional;

/**
 * The swtpm that is installed on this host.
 *
 * @param configuredUser as which libvirt and the agent run swtpm: a guest influences the state, so root must not parse it;
 *     empty: the first default user that exists, whenever it is needed
 */
public record SwtpmTools(String swtpm, String setup, Optional<String> configuredUser) {
    /** libvirt's default is tss (Debian, Fedora, SUSE); Ubuntu's is swtpm. */
    private static final List<String> USERS = List.of("swtpm", "tss");

    /** Those in the PATH, which may be installed later. */
    public static SwtpmTools ofThisHost() {
        return new SwtpmTools("swtpm", "swtpm_setup", Optional.empty());
    }

    /** @throws TpmException if there is none */
    String user() {
        return configuredUser
                .or(() -> USERS.stream().filter(SwtpmTools::exists).findFirst())
                .orElseThrow(() -> new TpmException(new TpmFailure.ToolFailed(
                        "this host has no user for swtpm (" + String.join(", ", USERS) + "): install swtpm")));
    }

    private static boolean exists(String user) {
        try {
            FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(user);
            return true;
        } catch (UserPrincipalNotFoundException e) {
            return false;
        } catch (IOException e) {
            throw new TpmException(new TpmFailure.ToolFailed("cannot look up user " + user + ": " + e), e);
        }
    }

    /** Makes a folder that only swtpm's user, and root, can enter. */
    PrivateFolder privateFolder(Path path) {
        return PrivateFolder.create(path, user());
    }
}
