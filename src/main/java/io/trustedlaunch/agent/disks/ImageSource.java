package io.trustedlaunch.agent.disks;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * The file that an OS disk is copied from.
 *
 * @param name of the GuestImage, for messages
 * @param path below {@code location}
 * @param sha256 what the file must have
 */
public record ImageSource(String name, Path location, String path, String sha256) {

    /** Copies it to where nobody else can change it, and returns only if it is what it should be. */
    public void bring(Path staged, Progress progress) throws IOException {
        // What an earlier try left is not hashed yet.
        Files.deleteIfExists(staged);
        StagedImage.copy(this, staged, progress);
    }

    /** The file itself: below its location, and no link on the way, which could lead to any file of this host. */
    Path file() {
        Path file = location;
        for (Path part : relative()) {
            file = file.resolve(part);
            if (Files.isSymbolicLink(file)) {
                throw missing(file + " is a link");
            }
        }
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw missing(Files.exists(file) ? file + " is not a file" : "there is no file " + file);
        }
        return file;
    }

    private Path relative() {
        try {
            Path relative = Path.of(path);
            boolean plain = !relative.isAbsolute()
                    && relative.normalize().equals(relative)
                    && !relative.startsWith("..")
                    && !path.isEmpty();
            if (plain) {
                return relative;
            }
        } catch (InvalidPathException e) {
            throw missing("its path is none: " + e.getReason());
        }
        throw missing("its path must lead down from the storage location: " + path);
    }

    private RefusedException missing(String detail) {
        return new RefusedException(
                Reason.ImageFileMissing, "image " + name + " cannot be read on this node: " + detail);
    }
}
