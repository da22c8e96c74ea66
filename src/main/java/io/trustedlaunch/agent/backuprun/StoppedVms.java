package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.host.EnvelopeOpener;
import io.trustedlaunch.custody.RestoreEnvelope;
import java.util.function.BooleanSupplier;

/**
 * Gives access to the keys and records of VMs that are off.
 *
 * @param keys opens what a run of such a VM has instead of the VM's secrets
 * @param owners asks the API server what a VM has on record
 * @param dataIsCurrent whether what the API server says is of now
 */
public record StoppedVms(
        EnvelopeOpener<RestoreEnvelope.Address, RestoreEnvelope.Content> keys,
        Ownership.Reader owners,
        BooleanSupplier dataIsCurrent) {}
