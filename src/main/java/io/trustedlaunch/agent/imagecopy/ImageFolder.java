package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.disks.ImportedImage;
import io.trustedlaunch.agent.imagesource.WantedImage;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.files.DurableFiles;
import io.trustedlaunch.files.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The folder of a storage location for copies of images, for the administrator only. A file gets its final name when it is
 * complete and verified; unfinished files are in a workplace of the node that makes them.
 */
public record ImageFolder(Path location) {
    private static final Set<PosixFilePermission> PRIVATE_FOLDER = PosixFilePermissions.fromString("rwx------");
    /** The hypervisor can enter it, and open what it may read. */
    private static final Set<PosixFilePermission> PASSAGE = PosixFilePermissions.fromString("rwx--x---");

    private static final Set<PosixFilePermission> PRIVATE_FILE = PosixFilePermissions.fromString("rw-------");

    /** Stays when the agent dies; the next agent resumes it. */
    private static final String DOWNLOAD = "download";

    /** The file of an image's copy, if it exists. */
    public Optional<Path> find(UUID image) {
        return Optional.of(file(image)).filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS));
    }

    /** The same, for a first start. */
    public Optional<ImportedImage> find(VMIncarnationSpec.Image image) {
        return find(UUID.fromString(image.uid()))
                .map(file -> new ImportedImage(
                        location,
                        location.relativize(file).toString(),
                        new WantedImage(image.name(), image.sha256(), OptionalLong.empty())));
    }

    /** @param finished verified, and on the same file system */
    void publish(Path finished, UUID image) throws IOException {
        restrict(finished, PRIVATE_FILE);
        DurableFiles.publish(finished, file(image));
    }

    void remove(UUID image) throws IOException {
        Files.deleteIfExists(file(image));
        if (Files.isDirectory(path())) {
            DurableFiles.sync(path());
        }
    }

    /** Creates the workplace of a copy, or removes everything but the download from it. */
    Path clearWorkplace(String node, UUID copy) throws IOException {
        Path place = workplace(node, copy);
        if (!isPassage(path())) {
            ensurePrivate(path());
        }
        for (Path folder : List.of(place.getParent(), place)) {
            ensurePrivate(folder);
        }
        try (Stream<Path> left = Files.list(place)) {
            for (Path file : left.filter(file -> !isOfDownload(file)).toList()) {
                delete(file);
            }
        }
        return place;
    }

    Path download(String node, UUID copy) {
        return workplace(node, copy).resolve(DOWNLOAD);
    }

    /** Includes the file beside it that names the source's version. */
    private static boolean isOfDownload(Path file) {
        return file.getFileName().toString().startsWith(DOWNLOAD);
    }

    boolean hasWorkplace(String node, UUID copy) {
        return Files.exists(workplace(node, copy), LinkOption.NOFOLLOW_LINKS);
    }

    void removeWorkplace(String node, UUID copy) throws IOException {
        delete(workplace(node, copy));
    }

    /** Removes the workplaces of copies that are no longer needed. */
    void removeOtherWorkplaces(String node, Set<UUID> copies) throws IOException {
        Path own = workplaces(node);
        if (!Files.isDirectory(own, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Set<String> kept = Set.copyOf(copies.stream().map(UUID::toString).toList());
        try (Stream<Path> places = Files.list(own)) {
            for (Path place : places.filter(
                            place -> !kept.contains(place.getFileName().toString()))
                    .toList()) {
                delete(place);
            }
        }
    }

    private Path path() {
        return location.resolve(".images");
    }

    Path file(UUID image) {
        return path().resolve(image.toString());
    }

    private Path workplaces(String node) {
        return path().resolve(".staging-" + node);
    }

    private Path workplace(String node, UUID copy) {
        return workplaces(node).resolve(copy.toString());
    }

    /** Guests have discs of it in their drives. */
    private static boolean isPassage(Path folder) throws IOException {
        return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS)
                        .equals(PASSAGE);
    }

    private static void ensurePrivate(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PRIVATE_FOLDER));
        }
        restrict(folder, PRIVATE_FOLDER);
    }

    /** Not those of a link's target. */
    private static void restrict(Path path, Set<PosixFilePermission> permissions) throws IOException {
        Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setPermissions(permissions);
    }

    private void delete(Path path) throws IOException {
        new FileTree(location, location.relativize(path)).delete();
    }
}
