package io.trustedlaunch.agent.imagesource;

import java.util.OptionalLong;

/**
 * What a source is to bring.
 *
 * @param name of the GuestImage, for messages
 * @param sha256 in lower-case hex
 * @param bytes how many there are, where somebody who is believed has said so
 */
public record WantedImage(String name, String sha256, OptionalLong bytes) {
    public WantedImage(String name, String sha256) {
        this(name, sha256, OptionalLong.empty());
    }
}
