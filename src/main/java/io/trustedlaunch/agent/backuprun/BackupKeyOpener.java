package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.custody.RestoreEnvelope;

/** Opens envelopes with the keys of a VM's backups, sealed to this node for a run that saves a VM which is off. */
@FunctionalInterface
public interface BackupKeyOpener {
    /** @throws io.trustedlaunch.agent.host.RefusedException if it was not sealed to this node or not for this run */
    RestoreEnvelope.Content open(byte[] envelope, RestoreEnvelope.Address expected);
}
