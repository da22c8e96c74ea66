package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopyStatus;

/** Writes the status of a copy. */
@FunctionalInterface
public interface ImportStatusWriter {
    /** Returns the copy as the API server has it now. */
    ImageCopy write(ImageCopy copy, ImageCopyStatus status);
}
