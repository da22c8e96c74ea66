package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.disks.ImportedImage;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import java.util.Optional;

/** Finds the images that OS disks are made from, and discs. */
@FunctionalInterface
public interface Images {
    Result find(Machine machine);

    /** An imported image, or why it is awaited. */
    sealed interface Result {
        record Found(ImportedImage image) implements Result {}

        /** @param problem empty for a short wait, which is not reported */
        record Awaited(Optional<Problem> problem) implements Result {}
    }
}
