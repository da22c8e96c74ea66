package io.trustedlaunch.cli.plugin.capture;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.Quiesce;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Why no image is made from a VM, or from a backup of it: an image is of a disk that nobody was writing to. Each reason names the
 * object and the next step. Pure.
 */
public final class CaptureChecks {
    private static final Set<String> OFF = Set.of(Reason.Halted.name(), Reason.Succeeded.name());

    private CaptureChecks() {}

    /** Why the VM is not backed up for it; empty if it can be. */
    public static Optional<String> obstacle(TrustedLaunchVM vm) {
        return Stream.<Function<TrustedLaunchVM, Optional<String>>>of(
                        CaptureChecks::deleted, CaptureChecks::neverRan, CaptureChecks::notOff, CaptureChecks::keyless)
                .flatMap(check -> check.apply(vm).stream())
                .findFirst();
    }

    /**
     * Why the backup gives no image; empty if its VM was off.
     *
     * @param vm name of the VM that the user wants an image of
     */
    public static Optional<String> obstacle(VMBackup backup, String vm) {
        return Stream.of(ofAnother(backup, vm), incomplete(backup), ofARunningVm(backup))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> deleted(TrustedLaunchVM vm) {
        return when(
                vm.isMarkedForDeletion(),
                name(vm) + " is being deleted. To capture it from a backup that is there: --backup BACKUP");
    }

    private static Optional<String> neverRan(TrustedLaunchVM vm) {
        return when(
                vm.status().map(TrustedLaunchVMStatus::epoch).isEmpty(),
                name(vm) + " has never run, so its disk would be "
                        + (vm.getSpec().osDisk().startsEmpty()
                                ? "empty: start it, and install and generalize a system first"
                                : "that of its image " + vm.getSpec().imageRef().name()
                                        + ": start it, and set up and generalize what is on it first"));
    }

    private static Optional<String> notOff(TrustedLaunchVM vm) {
        String stop = "kubectl tlvm stop " + nameAndNamespace(vm) + " --wait";
        if (vm.isTrue(ConditionType.Running)) {
            return Optional.of(
                    name(vm) + " runs: generalize the guest, shut it down with " + stop + ", and capture it then");
        }
        boolean isCurrent =
                vm.getMetadata().getGeneration().equals(vm.getStatus().observedGeneration());
        boolean isOff = vm.condition(ConditionType.Running)
                .filter(running -> running.getStatus().equals("False"))
                .map(Condition::getReason)
                .filter(OFF::contains)
                .isPresent();
        return when(
                !isCurrent || !isOff,
                name(vm) + " is not proved to be off"
                        + vm.condition(ConditionType.Running)
                                .map(running -> " (" + running.getReason() + ": " + running.getMessage() + ")")
                                .orElse("")
                        + ": shut it down with " + stop + ", which returns when it is");
    }

    private static Optional<String> keyless(TrustedLaunchVM vm) {
        return vm.condition(ConditionType.KeyHeld)
                .filter(held -> held.getStatus().equals("False"))
                .map(held -> name(vm) + " has no protection key, so nothing of it can be backed up or opened ("
                        + held.getMessage() + "): bring the key back first; to see how: kubectl tlvm status "
                        + nameAndNamespace(vm));
    }

    private static Optional<String> ofAnother(VMBackup backup, String vm) {
        String of = backup.getSpec().vmRef().name();
        return when(
                !of.equals(vm),
                name(backup) + " is of VM " + of + ", not of " + vm + ". To list them: kubectl tlvm backup list -n "
                        + backup.getMetadata().getNamespace());
    }

    private static Optional<String> incomplete(VMBackup backup) {
        return when(
                !backup.isIn(VMBackupStatus.Phase.Completed)
                        || backup.getStatus().result() == null,
                name(backup) + " is not Completed"
                        + backup.condition(ConditionType.Completed)
                                .map(completed -> " (" + completed.getReason() + ": " + completed.getMessage() + ")")
                                .orElse("")
                        + ": name another one, or have this command make one with --location");
    }

    /**
     * Of a VM that runs, the guest agent is asked unless the VMBackup says not to, and then the result says what came of that; the
     * operator takes no other.
     */
    private static Optional<String> ofARunningVm(VMBackup backup) {
        String instead = ": shut the VM down, and capture it with --location, or make another backup while it is off";
        if (backup.wasImported()) {
            return Optional.of(name(backup) + " was imported, and does not say whether its VM was off"
                    + ": restore it to a VM, start and generalize that, and capture it");
        }
        if (backup.getSpec().quiesce() != Quiesce.BestEffort) {
            return Optional.of(name(backup) + " does not say whether its VM was off, since its spec.quiesce is "
                    + backup.getSpec().quiesce() + instead);
        }
        return backup.status()
                .map(VMBackupStatus::result)
                .map(BackupResult::quiesced)
                .map(running -> name(backup) + " was made while its VM ran" + instead);
    }

    private static Optional<String> when(boolean obstacle, String why) {
        return obstacle ? Optional.of(why) : Optional.empty();
    }

    private static String name(TrustedLaunchVM vm) {
        return "TrustedLaunchVM " + vm.getMetadata().getNamespace() + "/"
                + vm.getMetadata().getName();
    }

    private static String nameAndNamespace(TrustedLaunchVM vm) {
        return vm.getMetadata().getName() + " -n " + vm.getMetadata().getNamespace();
    }

    private static String name(VMBackup backup) {
        return "VMBackup " + backup.getMetadata().getNamespace() + "/"
                + backup.getMetadata().getName();
    }
}
