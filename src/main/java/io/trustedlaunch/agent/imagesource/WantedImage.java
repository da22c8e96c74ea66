package io.trustedlaunch.agent.imagesource;

import java.util.OptionalLong;

/**
 * What a source is to bring.
 *
 * @param name of the GuestImage, for messages
 * @param sha256 in lower-case hex
 * @param bytes how many there are, where a catalog says so: no more are taken, and no other number is begun
 */
public record WantedImage(String name, String sha256, OptionalLong bytes) {}
