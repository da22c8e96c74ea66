package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.controller.ClusterTime;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.operator.fencing.Fences;
import io.trustedlaunch.operator.kube.ApiReader;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Reads what a backup is planned from. */
final class BackupGatherer {
    private final String namespace;
    private final BackupCaches caches;
    private final ApiReader reader;
    private final Fences fences;
    private final Supplier<ClusterTime> clocks;

    /** @param namespace the operator's own */
    BackupGatherer(
            String namespace, BackupCaches caches, ApiReader reader, Fences fences, Supplier<ClusterTime> clocks) {
        this.namespace = namespace;
        this.caches = caches;
        this.reader = reader;
        this.fences = fences;
        this.clocks = clocks;
    }

    BackupFacts gather(VMBackup backup) {
        return facts(
                backup,
                caches.vm(
                        backup.getMetadata().getNamespace(),
                        backup.getSpec().vmRef().name()),
                caches.run(backup.getMetadata().getUid()),
                caches::incarnation);
    }

    /**
     * As the API server has it now: a run that is created, and a backup that fails, cannot be taken back, and caches may be
     * late.
     *
     * @throws StaleViewException if the backup has changed since it was read
     */
    BackupFacts fromServer(VMBackup backup) {
        String ofNamespace = backup.getMetadata().getNamespace();
        String name = backup.getMetadata().getName();
        if (reader.backup(ofNamespace, name)
                .filter(now -> now.getMetadata()
                        .getResourceVersion()
                        .equals(backup.getMetadata().getResourceVersion()))
                .isEmpty()) {
            throw new StaleViewException("VMBackup " + ofNamespace + "/" + name + " has changed");
        }
        return facts(
                backup,
                reader.vm(ofNamespace, backup.getSpec().vmRef().name()),
                reader.backupRun(namespace, backup.getMetadata().getUid()),
                incarnation -> reader.incarnation(namespace, incarnation));
    }

    private BackupFacts facts(
            VMBackup backup,
            Optional<TrustedLaunchVM> vm,
            Optional<BackupRun> run,
            Function<String, Optional<VMIncarnation>> incarnations) {
        String ofNamespace = backup.getMetadata().getNamespace();
        String vmName = backup.getSpec().vmRef().name();
        String uid = backup.getMetadata().getUid();
        Optional<BackupRunSpec> spec = run.map(BackupRun::getSpec);
        Optional<String> incarnation = spec.map(
                        of -> VMIncarnation.nameOf(of.vmRef().uid(), of.epoch()))
                .or(() -> vm.flatMap(found -> found.status()
                        .map(TrustedLaunchVMStatus::epoch)
                        .map(epoch -> VMIncarnation.nameOf(found.identity(), epoch))));
        ClusterTime time = clocks.get();
        return BackupFactsBuilder.builder()
                .namespace(namespace)
                .backup(backup)
                .vm(vm)
                .incarnation(incarnation
                        .flatMap(incarnations)
                        .filter(found -> vm.filter(one -> !isOf(found, one)).isEmpty()))
                .locations(caches.locations().stream()
                        .collect(Collectors.toMap(
                                location -> location.getMetadata().getName(), Function.identity())))
                .run(run)
                .others(caches.backups(ofNamespace, vmName).stream()
                        .filter(other -> !other.getMetadata().getUid().equals(uid))
                        .toList())
                .made(vm.map(found -> caches.backupsOf(ofNamespace, found.identity()))
                        .orElseGet(List::of))
                .otherRuns(caches.runs(ofNamespace, vmName).stream()
                        .filter(other -> !other.getMetadata().getName().equals(uid))
                        .toList())
                .nodeDead(spec.filter(of -> fences.proved().containsKey(of.nodeName()))
                        .isPresent())
                .now(time.now())
                .latest(time.latest())
                .build();
    }

    /** A tenant writes what the VM says of its identity and epoch; the operator alone, whose incarnation it is. */
    private static boolean isOf(VMIncarnation incarnation, TrustedLaunchVM vm) {
        return incarnation.getSpec().vmRef().owner().equals(vm.getMetadata().getUid());
    }
}
