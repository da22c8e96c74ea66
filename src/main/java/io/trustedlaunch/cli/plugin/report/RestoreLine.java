package io.trustedlaunch.cli.plugin.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/** A restore of a VM from one of its backups, in one line. */
public final class RestoreLine {
    private RestoreLine() {}

    public static Progress progress(TrustedLaunchVM vm, ApprovedRestore approval) {
        Optional<TrustedLaunchVMStatus> status = vm.status();
        Optional<Restore> restore = status.map(TrustedLaunchVMStatus::restore)
                .filter(known ->
                        known.backup().name().equals(approval.backupRef().name()))
                .filter(known -> known.disks().equals(approval.disks()))
                .filter(known -> known.startsAtOnce() == approval.startsAtOnce())
                .filter(known -> known.approvedBy().equals(approval.approvedBy()));
        // What is said of the spec before the approval says nothing of it.
        Optional<Condition> ready = status.filter(seen -> Objects.equals(
                        seen.observedGeneration(), vm.getMetadata().getGeneration()))
                .map(TrustedLaunchVMStatus::conditions)
                .flatMap(ConditionType.Ready::in);
        String name = vm.getMetadata().getName();
        if (restore.filter(known -> known.outcome() != null).isPresent()) {
            return switch (restore.get().outcome()) {
                case Completed ->
                    new Progress(
                            name + ": restored from " + restore.get().backup().name(),
                            OptionalInt.empty(),
                            Progress.State.Done);
                case Failed ->
                    new Progress(
                            name + ": " + restore.get().reason() + " ("
                                    + restore.get().message() + ")",
                            OptionalInt.empty(),
                            Progress.State.Failed);
            };
        }
        boolean isRefused = ready.filter(
                        condition -> List.of(Reason.BackupNotUsable.name(), Reason.BackupLocationNotFound.name())
                                .contains(condition.getReason()))
                .isPresent();
        String message = ready.map(condition -> condition.getReason() + " (" + condition.getMessage() + ")")
                .orElse("waiting");
        return new Progress(
                name + ": " + message,
                restore.map(known -> OptionalInt.of(
                                Optional.ofNullable(known.progressPercent()).orElse(0)))
                        .orElseGet(OptionalInt::empty),
                isRefused ? Progress.State.Failed : Progress.State.Ongoing);
    }
}
