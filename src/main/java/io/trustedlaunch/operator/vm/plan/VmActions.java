package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Devices;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Fill;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import java.util.List;
import java.util.Map;

/** The actions of steps on a VM besides changes of its status. Each action is safe to repeat. */
public interface VmActions {
    /** The VM with the status that was just written. */
    TrustedLaunchVM vm();

    /** @throws io.trustedlaunch.controller.StaleViewException if the VMMigration has ended or is gone */
    void requireUnfinished(Migration migration);

    /** Ends this process if another one leads, or if the API server's data was restored meanwhile. */
    void confirmLeadership();

    void addFinalizer();

    void removeFinalizer();

    void createKey();

    void destroyKey();

    /** Makes the Secret of a key that was gone, with the record of a retained VM on it. */
    void restoreKey(ProtectionKey key, RetainedVMRecord record);

    /** Writes the VM's record on the Secret of its key. */
    void retain(RetainedVMRecord record);

    /** Writes this VM as the owner on the Secret of the retained VM's key. */
    void claimRetained();

    /** The same if the one that it names as the owner is gone. */
    void inheritRetained(RetainedVMRecord record);

    /** Removes the owner again. */
    void returnRetained();

    /** Raises the operator's mark first, so that it is later than the reservation of the epoch. */
    void create(VMIncarnation incarnation);

    void createSealed(VMIncarnation incarnation);

    /** Seals the keys of the VM's backups to the run's node. */
    void createRestoreRun(Restore restore);

    void delete(RestoreRun run);

    /** Seals the keys of the backups to the incarnation's node. */
    void createDiskFill(Fill fill, Incarnation incarnation);

    void sealDiskFill(Fill fill, DiskFill run);

    void delete(DiskFill run);

    void sealEnvelope(Incarnation incarnation);

    void sealEscrow(Incarnation incarnation);

    /** With an escrow that has them, too. */
    void changeDevices(Incarnation incarnation, Devices devices);

    /** A JSON merge patch of the spec; a null value removes its field. */
    void change(Incarnation incarnation, Map<String, Object> spec);

    void delete(List<Incarnation> incarnations);

    void event(EventDraft event);

    void reached(Failpoint point);
}
