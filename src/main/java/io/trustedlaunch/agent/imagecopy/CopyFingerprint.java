package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.host.FileFingerprint;
import io.trustedlaunch.api.ImageCopySpec;
import io.trustedlaunch.api.ImageCopySpec.FileSource;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What an import is made from, as far as a glance tells.
 *
 * @param source the file that the image is copied from
 * @param location where it is copied to
 */
record CopyFingerprint(String source, String location) {
    static CopyFingerprint at(ImageCopySpec spec) {
        try {
            return new CopyFingerprint(
                    Optional.ofNullable(spec.source().file())
                            .map(CopyFingerprint::path)
                            .map(FileFingerprint::atFile)
                            .orElse(""),
                    FileFingerprint.atLocation(Path.of(spec.storageLocation().path())));
        } catch (InvalidPathException e) {
            // The import itself says so; it is no other until the spec is.
            return new CopyFingerprint("", "");
        }
    }

    private static Path path(FileSource file) {
        return Path.of(file.storageLocation().path()).resolve(file.path());
    }
}
