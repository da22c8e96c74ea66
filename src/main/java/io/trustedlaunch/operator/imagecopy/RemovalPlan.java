package io.trustedlaunch.operator.imagecopy;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.ImageCopyStatus;
import java.util.Optional;

/** What becomes of a copy; pure. */
final class RemovalPlan {
    enum Step {
        KEEP,
        /** Its agent then removes the file. */
        DELETE,
        /** The file is gone. */
        RELEASE,
        /** Nobody is there to remove the file. */
        ABANDON
    }

    private RemovalPlan() {}

    static Step plan(RemovalFacts facts) {
        ImageCopy copy = facts.copy();
        if (!copy.isMarkedForDeletion()) {
            return facts.imageThere() || facts.needed() ? Step.KEEP : Step.DELETE;
        }
        if (!copy.getMetadata().getFinalizers().contains(Api.IMAGE_FINALIZER)) {
            return Step.KEEP;
        }
        if (isRemoved(copy)) {
            return Step.RELEASE;
        }
        return facts.nodeThere() ? Step.KEEP : Step.ABANDON;
    }

    private static boolean isRemoved(ImageCopy copy) {
        return Optional.ofNullable(copy.getStatus())
                .map(ImageCopyStatus::removed)
                .orElse(false);
    }
}
