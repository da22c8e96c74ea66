package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.api.image.ImageCopy;
import java.nio.file.Path;
import java.util.Optional;

/** The next step for a copy. */
sealed interface ImportStep {
    record Import() implements ImportStep {}

    record ReportReady(Path file) implements ImportStep {}

    record Remove() implements ImportStep {}

    record ReportRemoved() implements ImportStep {}

    /**
     * @param found the finished copy
     * @param hasWorkplace whether there are files of an unfinished import
     */
    static ImportStep next(ImageCopy copy, Optional<Path> found, boolean hasWorkplace) {
        if (copy.isMarkedForDeletion()) {
            return found.isPresent() || hasWorkplace ? new Remove() : new ReportRemoved();
        }
        return found.<ImportStep>map(ReportReady::new).orElseGet(Import::new);
    }
}
