package io.trustedlaunch.agent.seed;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.files.DurableFiles;
import io.trustedlaunch.files.FileTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The disc with the user data of a guest. It may contain passwords, so it is kept in memory only, and only while the VM
 * runs. Each start makes it from the envelope; a live migration transfers it.
 */
public final class SeedDisc {
    private static final String PRIVATE = "rwx------";

    private final HypervisorAccount account;
    private final Path runFolder;
    private final IsoWriter writer;

    /** @param runFolder in memory, such as {@code /run/trusted-launch} */
    public SeedDisc(HypervisorAccount account, Path runFolder, IsoWriter writer) {
        this.account = account;
        this.runFolder = runFolder;
        this.writer = writer;
    }

    /** Empty if the VM has no user data. */
    public Optional<Path> make(UUID vm, String vmName, Map<String, byte[]> userData) {
        if (userData.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(make(vm, SeedFiles.of(vm, vmName, userData)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the answer CD of VM " + vm + ": " + e.getMessage(), e);
        }
    }

    /** The VM's disc on this host, if it has one. */
    public Optional<byte[]> read(UUID vm) {
        Path image = image(vm);
        try {
            return Files.exists(image, LinkOption.NOFOLLOW_LINKS)
                    ? Optional.of(Files.readAllBytes(image))
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + image, e);
        }
    }

    /** Where the VM's disc is on this host, if it has one. */
    public Optional<Path> find(UUID vm) {
        return Optional.of(image(vm)).filter(image -> Files.exists(image, LinkOption.NOFOLLOW_LINKS));
    }

    /** Writes a disc that another host made. */
    public void place(UUID vm, byte[] image) {
        try {
            makeFolder(vm);
            Path draft = folder(vm).resolve("draft.iso");
            Files.deleteIfExists(draft);
            DurableFiles.write(draft, image);
            account.show(draft);
            Files.move(draft, image(vm), ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the answer CD of VM " + vm + ": " + e.getMessage(), e);
        }
    }

    /** Succeeds if there is none. */
    public void remove(UUID vm) {
        try {
            FileTree.of(folder(vm)).delete();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + folder(vm), e);
        }
    }

    private Path make(UUID vm, SeedFiles seed) throws IOException {
        Path folder = makeFolder(vm);
        Path draft = folder.resolve("draft");
        FileTree.of(draft).delete();
        try {
            makePrivate(draft);
            Path files = draft.resolve("files");
            makePrivate(files);
            for (Map.Entry<String, byte[]> file : seed.files().entrySet()) {
                Files.write(files.resolve(file.getKey()), file.getValue());
            }
            Path image = draft.resolve("seed.iso");
            writer.write(seed.volume(), files, image);
            account.show(image);
            Files.move(image, image(vm), ATOMIC_MOVE);
            return image(vm);
        } finally {
            FileTree.of(draft).delete();
        }
    }

    private Path makeFolder(UUID vm) throws IOException {
        Path folder = folder(vm);
        Files.createDirectories(runFolder);
        account.makePassage(folder.getParent());
        account.makePassage(folder);
        return folder;
    }

    private static void makePrivate(Path folder) throws IOException {
        Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE)));
    }

    private Path image(UUID vm) {
        return folder(vm).resolve("seed.iso");
    }

    private Path folder(UUID vm) {
        return runFolder.resolve("vms").resolve(vm.toString());
    }
}
