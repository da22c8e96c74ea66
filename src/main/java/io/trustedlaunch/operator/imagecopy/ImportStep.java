package io.trustedlaunch.operator.imagecopy;

import io.trustedlaunch.api.ImageCopy;

/** What is to be done for the starts that wait for an image. */
sealed interface ImportStep {
    record Make(ImageCopy copy) implements ImportStep {}

    /** Somebody is at it; the agent that is may die. */
    record Watch() implements ImportStep {}

    record Settled() implements ImportStep {}
}
