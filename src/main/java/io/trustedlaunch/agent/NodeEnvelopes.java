package io.trustedlaunch.agent;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.identity.SealingIdentity;
import io.trustedlaunch.agent.incarnation.state.EnvelopeOpener;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.EnvelopeRefusedException;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.custody.PullEnvelope;
import java.util.Optional;
import java.util.function.Supplier;

/** Opens what the operator has sealed to this node. */
record NodeEnvelopes(String nodeName, Supplier<Optional<SealingIdentity>> identity) {
    EnvelopeOpener opener() {
        return (envelope, expected) -> {
            try {
                return sealing().open(envelope, expected);
            } catch (EnvelopeRefusedException e) {
                throw new RefusedException(Reason.EnvelopeRefused, e.getMessage(), e);
            }
        };
    }

    PullCredentials open(byte[] envelope, PullEnvelope.Address expected) {
        try {
            return sealing().open(envelope, expected);
        } catch (EnvelopeRefusedException e) {
            throw new RefusedException(Reason.EnvelopeRefused, e.getMessage(), e);
        }
    }

    private SealingIdentity sealing() {
        return identity.get()
                .orElseThrow(
                        () -> new RefusedException(
                                Reason.EnvelopeRefused,
                                "node " + nodeName
                                        + " has no sealing certificate yet, so it cannot open envelopes; check that the operator is running"));
    }
}
