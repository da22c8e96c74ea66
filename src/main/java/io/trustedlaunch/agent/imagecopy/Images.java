package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.disks.VerifiedImage;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.VMIncarnationSpec.Machine;
import java.util.Optional;

/** Finds the images that OS disks are made from. */
@FunctionalInterface
public interface Images {
    Result find(Machine machine);

    /** A verified image, or why it is awaited. */
    sealed interface Result {
        record Found(VerifiedImage image) implements Result {}

        /** @param problem empty for a short wait, which is not reported */
        record Awaited(Optional<Problem> problem) implements Result {}
    }
}
