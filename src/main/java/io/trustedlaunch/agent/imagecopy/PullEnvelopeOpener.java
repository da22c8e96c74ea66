package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.custody.PullEnvelope;

/** Opens envelopes with pull credentials sealed to this node. */
@FunctionalInterface
public interface PullEnvelopeOpener {
    /** @throws RefusedException if the envelope was not sealed to this node or not for this copy */
    PullCredentials open(byte[] envelope, PullEnvelope.Address expected);
}
