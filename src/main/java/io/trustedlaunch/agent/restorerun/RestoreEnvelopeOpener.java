package io.trustedlaunch.agent.restorerun;

import io.trustedlaunch.custody.RestoreEnvelope;

/** Opens envelopes with the keys of a VM's backups, sealed to this node. */
@FunctionalInterface
public interface RestoreEnvelopeOpener {
    /** @throws io.trustedlaunch.agent.host.RefusedException if it was not sealed to this node or not for this restore */
    RestoreEnvelope.Content open(byte[] envelope, RestoreEnvelope.Address expected);
}
