package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.host.FileFingerprint;
import io.trustedlaunch.api.image.ImageCopySpec;
import io.trustedlaunch.api.image.ImageCopySpec.FileSource;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Fingerprints of an import's source and target.
 *
 * @param source of the file that the image is copied from
 * @param location of the target
 */
record ImportFingerprint(String source, String location) {
    static ImportFingerprint at(ImageCopySpec spec) {
        try {
            return new ImportFingerprint(
                    Optional.ofNullable(spec.source().file())
                            .map(ImportFingerprint::path)
                            .map(FileFingerprint::atFile)
                            .orElse(""),
                    FileFingerprint.atLocation(Path.of(spec.storageLocation().path())));
        } catch (InvalidPathException e) {
            // The import reports it; only another spec changes it.
            return new ImportFingerprint("", "");
        }
    }

    private static Path path(FileSource file) {
        return Path.of(file.storageLocation().path()).resolve(file.path());
    }
}
