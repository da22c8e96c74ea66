package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.disks.VerifiedImage;
import io.trustedlaunch.agent.disks.VerifiedImage.Format;
import io.trustedlaunch.agent.host.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Where a storage location keeps copies of images. It is the administrator's alone. What has its name there is whole and
 * verified; what is in the making is in a folder of the one node that makes it.
 */
public record CopyFolder(Path location) {
    private static final Set<PosixFilePermission> FOLDER_OF_ONE = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> FILE_OF_ONE = PosixFilePermissions.fromString("rw-------");

    /** Left by an agent that died, it is what the next one goes on with. */
    private static final String DOWNLOAD = "download";

    /** The copy of an image, if it is there. */
    public Optional<VerifiedImage> find(UUID image) throws IOException {
        for (Format format : Format.values()) {
            Path file = file(image, format);
            if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.of(VerifiedImage.of(file, format));
            }
        }
        return Optional.empty();
    }

    /** @param finished verified, and on the same file system */
    void publish(Path finished, UUID image, Format format) throws IOException {
        Files.setPosixFilePermissions(finished, FILE_OF_ONE);
        DurableFiles.publish(finished, file(image, format));
    }

    void remove(UUID image) throws IOException {
        for (Format format : Format.values()) {
            Files.deleteIfExists(file(image, format));
        }
        if (Files.isDirectory(path())) {
            DurableFiles.sync(path());
        }
    }

    /** The folder in which a copy is made, with nothing in it but what was downloaded. */
    Path clearWorkplace(String node, UUID copy) throws IOException {
        Path place = workplace(node, copy);
        for (Path folder : List.of(path(), place.getParent(), place)) {
            ensurePrivate(folder);
        }
        try (Stream<Path> left = Files.list(place)) {
            for (Path file : left.filter(file -> !isOfDownload(file)).toList()) {
                DurableFiles.deleteTree(file);
            }
        }
        return place;
    }

    Path download(String node, UUID copy) {
        return workplace(node, copy).resolve(DOWNLOAD);
    }

    /** What is beside it, by its name, says which version of the source it is. */
    private static boolean isOfDownload(Path file) {
        return file.getFileName().toString().startsWith(DOWNLOAD);
    }

    boolean hasWorkplace(String node, UUID copy) {
        return Files.exists(workplace(node, copy), LinkOption.NOFOLLOW_LINKS);
    }

    void removeWorkplace(String node, UUID copy) throws IOException {
        DurableFiles.deleteTree(workplace(node, copy));
    }

    /** Of copies that are not to be made any more. */
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
                DurableFiles.deleteTree(place);
            }
        }
    }

    private Path path() {
        return location.resolve(".images");
    }

    private Path file(UUID image, Format format) {
        return path().resolve(image + "." + format);
    }

    private Path workplaces(String node) {
        return path().resolve(".staging-" + node);
    }

    private Path workplace(String node, UUID copy) {
        return workplaces(node).resolve(copy.toString());
    }

    private static void ensurePrivate(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(FOLDER_OF_ONE));
        }
        Files.setPosixFilePermissions(folder, FOLDER_OF_ONE);
    }
}
