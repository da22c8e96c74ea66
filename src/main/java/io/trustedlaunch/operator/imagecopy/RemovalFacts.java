package io.trustedlaunch.operator.imagecopy;

import io.trustedlaunch.api.image.ImageCopy;

/**
 * Whether a copy of an image is still needed.
 *
 * @param imageExists its GuestImage exists, with the same UID
 * @param needed a first start may still create its disk from the image, or a guest may have it in a drive
 * @param nodeExists its node has a ClusterNode
 */
record RemovalFacts(ImageCopy copy, boolean imageExists, boolean needed, boolean nodeExists) {}
