package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;

/** Opens envelopes that were sealed to this node. */
@FunctionalInterface
public interface EnvelopeOpener {
    /** Throws {@link io.trustedlaunch.agent.host.RefusedException} if it cannot or must not be opened. */
    EnvelopeContent open(byte[] envelope, EnvelopeAddress expected);
}
