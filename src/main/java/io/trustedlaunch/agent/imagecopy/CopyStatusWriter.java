package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.ImageCopyStatus;

/** Writes what became of a copy. */
@FunctionalInterface
public interface CopyStatusWriter {
    /** Returns what the API server has now. */
    ImageCopy write(ImageCopy copy, ImageCopyStatus status);
}
