package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.disks.VerifiedImage;

/** What is to be done for a copy next. */
sealed interface CopyStep {
    record Import() implements CopyStep {}

    record TellReady(VerifiedImage image) implements CopyStep {}

    record Remove() implements CopyStep {}

    record TellRemoved() implements CopyStep {}
}
