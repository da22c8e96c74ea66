package io.trustedlaunch.agent.imagesource;

import java.util.OptionalLong;

/**
 * The image that a source should deliver.
 *
 * @param name of the GuestImage, for messages
 * @param sha256 in lower-case hex
 * @param bytes the size, if a catalog states it; any other size is refused
 */
public record WantedImage(String name, String sha256, OptionalLong bytes) {}
