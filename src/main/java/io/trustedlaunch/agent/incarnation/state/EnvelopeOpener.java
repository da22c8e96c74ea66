package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;

/** Opens what was sealed to this node. */
@FunctionalInterface
public interface EnvelopeOpener {
    /** Throws {@link io.trustedlaunch.agent.host.RefusedException} where it cannot, or must not. */
    EnvelopeContent open(byte[] envelope, EnvelopeAddress expected);
}
