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
 * The accounts that own files.
 *
 * @param administrator root, except in tests
 * @param user that QEMU runs as
 * @param group lets QEMU enter a folder that only the administrator can list
 */
public record HypervisorAccount(UserPrincipal administrator, UserPrincipal user, GroupPrincipal group) {
    /** In Debian and its derivatives, then in Fedora and its derivatives. */
    private static final List<String> KNOWN = List.of("libvirt-qemu", "qemu");

    /** Finds the account by the given names, or by those that distributions use. */
    public static Optional<HypervisorAccount> find(Optional<String> user, Optional<String> group) {
        UserPrincipalLookupService accounts = FileSystems.getDefault().getUserPrincipalLookupService();
        for (String known : KNOWN) {
            try {
                return Optional.of(new HypervisorAccount(
                        accounts.lookupPrincipalByName("root"),
                        accounts.lookupPrincipalByName(user.orElse(known)),
                        accounts.lookupPrincipalByGroupName(group.orElse(user.orElse(known)))));
            } catch (IOException e) {
                // This host has no such account; try the next name.
                continue;
            }
        }
        return Optional.empty();
    }

    /** Creates a folder, if missing, that the hypervisor can enter and only the administrator can list. */
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

    /** Gives a file to the hypervisor's user only. */
    public void give(Path file) throws IOException {
        PosixFileAttributeView view = view(file);
        view.setPermissions(PosixFilePermissions.fromString("rw-------"));
        view.setGroup(group);
        view.setOwner(user);
    }

    /** Lets the hypervisor read a file that the administrator owns. */
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
