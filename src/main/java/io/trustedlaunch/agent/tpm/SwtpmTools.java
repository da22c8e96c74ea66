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
 * @param user as which libvirt and the agent run swtpm: a guest influences the state, so root must not parse it
 */
public record SwtpmTools(String swtpm, String setup, String user) {
    /** libvirt's default is tss (Debian, Fedora, SUSE); Ubuntu's is swtpm. */
    private static final List<String> USERS = List.of("swtpm", "tss");

    /**
     * Finds the tools in the PATH.
     *
     * @param user from the agent's configuration; empty: the first default user that exists on this host
     */
    public static SwtpmTools detect(Optional<String> user) {
        String found = user.or(() -> USERS.stream().filter(SwtpmTools::exists).findFirst())
                .orElseThrow(() -> new TpmException(new TpmFailure.ToolFailed(
                        "this host has no user for swtpm (" + String.join(", ", USERS) + "): install swtpm")));
        return new SwtpmTools("swtpm", "swtpm_setup", found);
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
        return PrivateFolder.create(path, user);
    }
}
