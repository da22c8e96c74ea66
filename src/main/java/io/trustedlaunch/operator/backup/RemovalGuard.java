package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.ClusterTime;
import io.trustedlaunch.operator.backup.NeededBackups.Need;
import io.trustedlaunch.operator.kube.ApiReader;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Asks right before files are removed for good whether they must stay, by what the API server and both clocks say then. */
public final class RemovalGuard {
    private final String namespace;
    private final ApiReader reader;
    private final Supplier<ClusterTime> clocks;

    /** @param namespace the operator's own */
    public RemovalGuard(String namespace, ApiReader reader, Supplier<ClusterTime> clocks) {
        this.namespace = namespace;
        this.reader = reader;
        this.clocks = clocks;
    }

    /** Why the files of a backup stay; empty: they may go. */
    public Optional<Problem> problem(VMBackup backup) {
        List<BackupLocation> all = reader.backupLocations();
        String name = backup.getSpec().locationRef().name();
        Optional<BackupLocation> location = all.stream()
                .filter(found -> found.getMetadata().getName().equals(name))
                .findFirst();
        return location.isEmpty()
                ? Optional.of(new Problem(Reason.BackupLocationNotFound, "there is no BackupLocation " + name))
                : MinimumRetention.of(location.get(), all.stream())
                        .problem(backup, clocks.get())
                        .or(() -> NeededBackups.problem(backup, location, needs()));
    }

    private Stream<Need> needs() {
        List<TrustedLaunchVM> vms = reader.vms();
        return NeededBackups.of(vms, reader.protectionKeys(namespace).stream());
    }
}
