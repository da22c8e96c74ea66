package io.trustedlaunch.operator.imagecopy;

import io.trustedlaunch.api.ImageCopy;

/**
 * All that is decided by what becomes of a copy.
 *
 * @param imageThere its own GuestImage is, not another of that name
 * @param needed a first start may make its disk from the image yet
 * @param nodeThere its node has a ClusterNode
 */
record RemovalFacts(ImageCopy copy, boolean imageThere, boolean needed, boolean nodeThere) {}
