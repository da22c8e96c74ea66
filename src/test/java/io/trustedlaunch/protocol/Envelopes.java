package io.trustedlaunch.protocol;

import io.trustedlaunch.agent.host.EnvelopeOpener;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.Envelope;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.EnvelopeRefusedException;
import io.trustedlaunch.custody.NodeKeyPair;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** Opens a node's envelopes, each once, since that takes long. */
final class Envelopes implements EnvelopeOpener<EnvelopeAddress, EnvelopeContent> {
    private final NodeKeyPair pair;
    private final Map<Sealed, EnvelopeContent> opened = new HashMap<>();

    private record Sealed(ByteBuffer envelope, EnvelopeAddress expected) {}

    Envelopes(NodeKeyPair pair) {
        this.pair = pair;
    }

    @Override
    public EnvelopeContent open(byte[] envelope, EnvelopeAddress expected) {
        return opened.computeIfAbsent(
                new Sealed(ByteBuffer.wrap(envelope), expected), unopened -> decrypt(envelope, expected));
    }

    private EnvelopeContent decrypt(byte[] envelope, EnvelopeAddress expected) {
        try {
            return Envelope.open(envelope, pair, expected);
        } catch (EnvelopeRefusedException e) {
            throw new RefusedException(Reason.EnvelopeRefused, e.getMessage(), e);
        }
    }
}
