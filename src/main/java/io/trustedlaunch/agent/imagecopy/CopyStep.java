package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.api.image.ImageCopy;
import java.nio.file.Path;
import java.util.Optional;

/** The next step for a copy. */
sealed interface CopyStep {
    record Import() implements CopyStep {}

    record ReportReady(Path file) implements CopyStep {}

    record Remove() implements CopyStep {}

    record ReportRemoved() implements CopyStep {}

    /**
     * @param found the finished copy
     * @param hasWorkplace whether there are files of an unfinished import
     */
    static CopyStep next(ImageCopy copy, Optional<Path> found, boolean hasWorkplace) {
        if (copy.isMarkedForDeletion()) {
            return found.isPresent() || hasWorkplace ? new Remove() : new ReportRemoved();
        }
        return found.<CopyStep>map(ReportReady::new).orElseGet(Import::new);
    }
}
