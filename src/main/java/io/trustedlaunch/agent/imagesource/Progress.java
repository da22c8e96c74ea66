package io.trustedlaunch.agent.imagesource;

import java.util.OptionalLong;

/** Hears how far a source is, many times a second. */
@FunctionalInterface
public interface Progress {
    /** @param total empty while nobody has said */
    void at(long done, OptionalLong total);
}
