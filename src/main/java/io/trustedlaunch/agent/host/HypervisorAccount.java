package io.trustedlaunch.agent.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** The accounts that own files. Those of the hypervisor are looked up until they exist: its package creates them. */
public final class HypervisorAccount {
    /** The accounts in Debian and its derivatives, then in Fedora and its derivatives. */
    private static final List<String> KNOWN = List.of("libvirt-qemu", "qemu");

    private final Supplier<Optional<Found>> lookup;
    private volatile Optional<Found> found = Optional.empty();

    private record Found(UserPrincipal administrator, UserPrincipal user, GroupPrincipal group) {}

    private HypervisorAccount(Supplier<Optional<Found>> lookup) {
        this.lookup = lookup;
    }

    /**
     * @param administrator root, except in tests
     * @param user that QEMU runs as
     * @param group lets QEMU enter a folder that only the administrator can list
     */
    public HypervisorAccount(UserPrincipal administrator, UserPrincipal user, GroupPrincipal group) {
        this(() -> Optional.of(new Found(administrator, user, group)));
    }

    /** Those of the given names, or of the names that distributions use. */
    public static HypervisorAccount named(Optional<String> user, Optional<String> group) {
        return named(user, group, FileSystems.getDefault().getUserPrincipalLookupService());
    }

    static HypervisorAccount named(Optional<String> user, Optional<String> group, UserPrincipalLookupService accounts) {
        return new HypervisorAccount(() -> find(user, group, accounts));
    }

    private static Optional<Found> find(
            Optional<String> user, Optional<String> group, UserPrincipalLookupService accounts) {
        for (String known : KNOWN) {
            try {
                return Optional.of(new Found(
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

    /** Why VMs have no owner for their files; empty if they have. */
    public Optional<String> problem() {
        return found().isPresent()
                ? Optional.empty()
                : Optional.of("this node has no account for QEMU (" + String.join(", ", KNOWN) + ", or what"
                        + " --hypervisor-user and --hypervisor-group name); install libvirt and QEMU on it");
    }

    public UserPrincipal administrator() {
        return required().administrator();
    }

    public UserPrincipal user() {
        return required().user();
    }

    public GroupPrincipal group() {
        return required().group();
    }

    private Optional<Found> found() {
        if (found.isEmpty()) {
            found = lookup.get();
        }
        return found;
    }

    private Found required() {
        return found().orElseThrow(
                        () -> new UncheckedIOException(new IOException(problem().orElse("looked up again"))));
    }

    /** Creates a folder, if missing, that the hypervisor can enter and only the administrator can list. */
    public void makePassage(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        PosixFileAttributeView view = view(folder);
        view.setOwner(administrator());
        view.setGroup(group());
        view.setPermissions(PosixFilePermissions.fromString("rwx--x---"));
    }

    /** Creates a folder, if missing, in which only the hypervisor's user can make and use files. */
    public void makeOwn(Path folder) throws IOException {
        Set<PosixFilePermission> owner = PosixFilePermissions.fromString("rwx------");
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(owner));
        }
        PosixFileAttributeView view = view(folder);
        view.setPermissions(owner);
        view.setGroup(group());
        view.setOwner(user());
    }

    /** Gives a file to the hypervisor's user only. */
    public void give(Path file) throws IOException {
        PosixFileAttributeView view = view(file);
        view.setPermissions(PosixFilePermissions.fromString("rw-------"));
        view.setGroup(group());
        view.setOwner(user());
    }

    /** Lets the hypervisor read a file that the administrator owns. */
    public void show(Path file) throws IOException {
        PosixFileAttributeView view = view(file);
        view.setOwner(administrator());
        view.setGroup(group());
        view.setPermissions(PosixFilePermissions.fromString("rw-r-----"));
    }

    private static PosixFileAttributeView view(Path path) {
        return Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }
}
