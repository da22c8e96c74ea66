package io.trustedlaunch.api;

/**
 * Something that the agent of one node does once.
 *
 * @param <S> its spec
 * @param <T> its status
 */
public abstract class Run<S, T extends RunStatus> extends ApiResource<S, T> {
    /** How far it is, as its agent reports it. */
    public final RunPhase phase() {
        return RunPhase.of(getStatus());
    }
}
