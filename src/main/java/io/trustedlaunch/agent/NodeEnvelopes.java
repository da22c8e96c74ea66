package io.trustedlaunch.agent;

import io.trustedlaunch.agent.host.EnvelopeOpener;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.identity.NodeIdentity;
import io.trustedlaunch.agent.identity.SealingIdentity;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.EnvelopeRefusedException;

/** Opens what the operator has sealed to this node. */
record NodeEnvelopes(NodeIdentity identity, String nodeName) {
    <A, C> EnvelopeOpener<A, C> opener(SealingIdentity.Kind<A, C> kind) {
        return (envelope, expected) -> {
            try {
                return identity.sealing().orElseThrow(this::notYet).open(kind, envelope, expected);
            } catch (EnvelopeRefusedException e) {
                throw new RefusedException(Reason.EnvelopeRefused, e.getMessage(), e);
            }
        };
    }

    private RefusedException notYet() {
        return new RefusedException(
                Reason.EnvelopeRefused,
                "node " + nodeName + " has no sealing certificate yet, so it cannot open envelopes; check that the"
                        + " operator is running");
    }
}
