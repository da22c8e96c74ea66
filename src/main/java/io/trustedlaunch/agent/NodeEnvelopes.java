package io.trustedlaunch.agent;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.identity.NodeIdentity;
import io.trustedlaunch.agent.identity.SealingIdentity;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.EnvelopeRefusedException;

/** Opens what the operator has sealed to this node. */
record NodeEnvelopes(NodeIdentity identity, String nodeName) {
    @FunctionalInterface
    interface Opening<T> {
        T with(SealingIdentity identity) throws EnvelopeRefusedException;
    }

    <T> T open(Opening<T> opening) {
        try {
            return opening.with(identity.sealing().orElseThrow(this::notYet));
        } catch (EnvelopeRefusedException e) {
            throw new RefusedException(Reason.EnvelopeRefused, e.getMessage(), e);
        }
    }

    private RefusedException notYet() {
        return new RefusedException(
                Reason.EnvelopeRefused,
                "node " + nodeName + " has no sealing certificate yet, so it cannot open envelopes; check that the"
                        + " operator is running");
    }
}
