package io.trustedlaunch.agent.tpm;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.List;
import java.util.Optional;

/**
 * swtpm as it is installed here.
 *
 * @param user whom swtpm runs as under libvirt, and so here: what it reads was written under a guest's influence, and
 *     is not to be parsed as root
 */
public record SwtpmTools(String swtpm, String setup, String user) {
    /** libvirt's own default is tss (Debian, Fedora, SUSE); Ubuntu has a user of its own for it. */
    private static final List<String> USERS = List.of("swtpm", "tss");

    /**
     * The tools on the path.
     *
     * @param user from the agent's configuration; empty: the first of the usual ones that this host knows
     */
    public static SwtpmTools detect(Optional<String> user) {
        String found = user.or(() -> USERS.stream().filter(SwtpmTools::exists).findFirst())
                .orElseThrow(() -> new TpmException(new TpmFailure.ToolFailed(
                        "this host has no user for swtpm (looked for " + String.join(", ", USERS) + ")")));
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
