package io.trustedlaunch.operator.quota;

import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The charges that all objects of a namespace have on record. */
record NamespaceUse(
        List<TrustedLaunchVM> vms, List<VMMigration> migrations, OwnerlessFiles files, List<VMBackup> backups) {
    Use sum() {
        Map<String, List<VMMigration>> byVm = migrations.stream()
                .collect(Collectors.groupingBy(one -> one.getSpec().vmRef().name()));
        Use ofVms = vms.stream()
                .flatMap(vm ->
                        QuotaLedger.use(vm, byVm.getOrDefault(vm.getMetadata().getName(), List.of())).stream())
                .reduce(Use.NONE, Use::plus);
        Set<String> counted = vms.stream()
                .filter(vm -> VmCharge.onRecord(vm).isPresent())
                .map(TrustedLaunchVM::identity)
                .collect(Collectors.toSet());
        return files.use(counted).values().stream()
                .reduce(ofVms, Use::plus)
                .plus(Use.ofBackups(
                        backups.stream().filter(CountedBackups::counts).count()));
    }
}
