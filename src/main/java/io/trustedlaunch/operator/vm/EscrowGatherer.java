package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.BackupResult;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMBackup;
import io.trustedlaunch.api.VMBackupStatus;
import io.trustedlaunch.operator.vm.facts.EscrowFacts;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.RestoreFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import io.trustedlaunch.recovery.Escrow;
import java.util.Base64;
import java.util.function.Supplier;

/** Opens the escrow of the backup that a VM without a key is to come back from. */
final class EscrowGatherer {
    private final Supplier<ClusterBackupKeys> keys;

    /** @param keys throws IllegalStateException if they cannot be used */
    EscrowGatherer(Supplier<ClusterBackupKeys> keys) {
        this.keys = keys;
    }

    EscrowFacts gather(TrustedLaunchVM vm, KeyFacts key, RestoreFacts restore) {
        boolean isTakeover = vm.takenOver().isPresent() && VmFacts.epochOf(vm) == 0;
        if (!isTakeover || !(key instanceof KeyFacts.Absent) || vm.getSpec().approveRestore() == null) {
            return new EscrowFacts.None();
        }
        String name = vm.getSpec().approveRestore().backupRef().name();
        return restore.backup()
                .map(backup -> of(backup, name))
                .orElseGet(() -> new EscrowFacts.Unusable("VMBackup " + name + " does not exist in this namespace"));
    }

    private EscrowFacts of(VMBackup backup, String name) {
        VMBackupStatus status = backup.getStatus();
        if (status == null || status.phase() != VMBackupStatus.Phase.Completed || !hasGuestState(status.result())) {
            return new EscrowFacts.Unusable("VMBackup " + name + " is not completed");
        }
        if (status.escrow() == null) {
            return new EscrowFacts.Unusable(
                    "VMBackup " + name + " has no escrow: the cluster had no backup key when it was made");
        }
        return switch (open(status.escrow())) {
            case Escrow.Opening.Opened(Escrow escrow) ->
                new EscrowFacts.Opened(escrow, status.vmUID(), status.result().guestState());
            case Escrow.Opening.Refused(String message) ->
                new EscrowFacts.Unusable("the escrow of VMBackup " + name + " does not open: " + message);
        };
    }

    private static boolean hasGuestState(BackupResult result) {
        return result != null
                && result.guestState() != null
                && result.guestState().epoch() != null
                && result.guestState().generation() != null;
    }

    private Escrow.Opening open(String base64) {
        try {
            return keys.get().open(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            return new Escrow.Opening.Refused("it is not base64");
        } catch (IllegalStateException e) {
            return new Escrow.Opening.Refused(e.getMessage());
        }
    }
}
