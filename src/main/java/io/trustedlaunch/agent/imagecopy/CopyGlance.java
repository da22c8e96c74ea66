package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.host.Glance;
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
record CopyGlance(String source, String location) {
    static CopyGlance at(ImageCopySpec spec) {
        try {
            return new CopyGlance(
                    Optional.ofNullable(spec.source().file())
                            .map(CopyGlance::path)
                            .map(Glance::atFile)
                            .orElse(""),
                    Glance.atLocation(Path.of(spec.storageLocation().path())));
        } catch (InvalidPathException e) {
            // The import itself says so; it is no other until the spec is.
            return new CopyGlance("", "");
        }
    }

    private static Path path(FileSource file) {
        return Path.of(file.storageLocation().path()).resolve(file.path());
    }
}
