package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.disks.VerifiedImage;
import io.trustedlaunch.api.ImageCopy;
import java.util.Optional;

/**
 * All that a step is decided by.
 *
 * @param found the copy, where it is whole
 * @param begun something of one that is being made is there
 */
record CopyFacts(ImageCopy copy, Optional<VerifiedImage> found, boolean begun) {}
