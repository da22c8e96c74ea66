package io.trustedlaunch.agent.disks;

/** Hears how far a copy is, many times a second. */
@FunctionalInterface
public interface Progress {
    void at(String what, long doneBytes, long totalBytes);
}
