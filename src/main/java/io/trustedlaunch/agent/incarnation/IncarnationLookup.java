package io.trustedlaunch.agent.incarnation;

/** Asks the API server, never a cache. */
@FunctionalInterface
public interface IncarnationLookup {
    /** False if the API server cannot be asked, too. */
    boolean isGone(String name);
}
