package io.trustedlaunch.agent.host;

/**
 * Opens one kind of envelope that the operator has sealed to this node.
 *
 * @param <A> whom an envelope is for
 * @param <C> what is in it
 */
@FunctionalInterface
public interface EnvelopeOpener<A, C> {
    /** @throws RefusedException if it was not sealed to this node, or is for somebody else than expected */
    C open(byte[] envelope, A expected);
}
