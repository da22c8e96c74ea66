package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.function.Supplier;

/**
 * Seals the keys of a VM's backups to the node of a run that saves a VM which is off. It gets what a restore's node gets, and
 * not the VM's own key.
 */
public interface BackupKeySeals {
    /** The outcome of sealing. */
    sealed interface Answer {}

    /**
     * @param run with the keys
     * @param sealingKey identifier of the node's key
     */
    record Sealed(BackupRun run, String sealingKey) implements Answer {}

    record Refused(Problem problem) implements Answer {}

    /** @param vm whose keys they are */
    Answer seal(BackupRun run, TrustedLaunchVM vm);

    /** Creates the run with the keys, and puts on record that its node has them. */
    BackupRun release(Sealed sealed, TrustedLaunchVM vm, Supplier<BackupRun> create);
}
