package io.trustedlaunch.agent.host;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.List;
import java.util.Optional;

/**
 * Whom files belong to.
 *
 * @param administrator root, save in a test
 * @param user what QEMU runs as
 * @param group lets QEMU pass through a folder that only the administrator lists
 */
public record HypervisorAccount(UserPrincipal administrator, UserPrincipal user, GroupPrincipal group) {
    /** Debian and its kin, then Fedora and its kin. */
    private static final List<String> KNOWN = List.of("libvirt-qemu", "qemu");

    /** The account of the given names; what is not given is looked for under the names that distributions use. */
    public static Optional<HypervisorAccount> find(Optional<String> user, Optional<String> group) {
        UserPrincipalLookupService accounts = FileSystems.getDefault().getUserPrincipalLookupService();
        for (String known : KNOWN) {
            try {
                return Optional.of(new HypervisorAccount(
                        accounts.lookupPrincipalByName("root"),
                        accounts.lookupPrincipalByName(user.orElse(known)),
                        accounts.lookupPrincipalByGroupName(group.orElse(user.orElse(known)))));
            } catch (IOException e) {
                // Not an account of this host: the next name, and in the end none.
                continue;
            }
        }
        return Optional.empty();
    }

    /** Makes a folder, if it is not there, that the hypervisor may pass through and only the administrator list. */
    public void makePassage(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        PosixFileAttributeView view = view(folder);
        view.setOwner(administrator);
        view.setGroup(group);
        view.setPermissions(PosixFilePermissions.fromString("rwx--x---"));
    }

    /** Hands a file to the hypervisor, and to nobody else. */
    public void give(Path file) throws IOException {
        PosixFileAttributeView view = view(file);
        view.setPermissions(PosixFilePermissions.fromString("rw-------"));
        view.setGroup(group);
        view.setOwner(user);
    }

    /** Lets the hypervisor read a file that stays the administrator's. */
    public void show(Path file) throws IOException {
        PosixFileAttributeView view = view(file);
        view.setOwner(administrator);
        view.setGroup(group);
        view.setPermissions(PosixFilePermissions.fromString("rw-r-----"));
    }

    private static PosixFileAttributeView view(Path path) {
        return Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }
}
