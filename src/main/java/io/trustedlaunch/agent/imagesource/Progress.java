package io.trustedlaunch.agent.imagesource;

import java.util.OptionalLong;

/** Receives a fetch's progress, many times per second. */
@FunctionalInterface
public interface Progress {
    /** @param total empty while unknown */
    void at(long done, OptionalLong total);
}
