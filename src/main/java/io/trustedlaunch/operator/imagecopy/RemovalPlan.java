package io.trustedlaunch.operator.imagecopy;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopyStatus;

/** Decides whether a copy is removed. Pure. */
final class RemovalPlan {
    enum Step {
        KEEP,
        /** Delete the ImageCopy; its agent then removes the file. */
        DELETE,
        /** Remove the finalizer: the file is gone. */
        RELEASE,
        /** Remove the finalizer: the node, whose agent would remove the file, is gone. */
        ABANDON
    }

    private RemovalPlan() {}

    static Step plan(RemovalFacts facts) {
        ImageCopy copy = facts.copy();
        if (!copy.isMarkedForDeletion()) {
            return facts.imageExists() || facts.needed() ? Step.KEEP : Step.DELETE;
        }
        if (!copy.getMetadata().getFinalizers().contains(Api.IMAGE_FINALIZER)) {
            return Step.KEEP;
        }
        if (isRemoved(copy)) {
            return Step.RELEASE;
        }
        return facts.nodeExists() ? Step.KEEP : Step.ABANDON;
    }

    private static boolean isRemoved(ImageCopy copy) {
        return copy.status().map(ImageCopyStatus::removed).orElse(false);
    }
}
