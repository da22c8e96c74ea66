package io.trustedlaunch.operator.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.DiskFillSpecBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusFillBuilder;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Vms;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class DiskFillReconcilerTest {
    private static final String BACKUP = "00000000-0000-4000-8000-000000000003";
    private static final String OTHER = "00000000-0000-4000-8000-0000000000ff";
    private static final RecordedBackup SAVED = new RecordedBackup("payroll-1", BACKUP, "ab".repeat(32));
    private static final BackupRunSpec.Location NAS = BackupLocations.ref("nas", "/backups");

    private final List<String> calls = new ArrayList<>();
    private Optional<TrustedLaunchVM> onServer = Optional.empty();
    private final DiskFillReconciler reconciler =
            new DiskFillReconciler(Backups.OPERATOR, noting(ApiReader.class), noting(ResourceWriter.class));

    @Test
    void oneStaysWhileItsVmHasTheFillOnRecord() {
        over(vm("host-a", fill -> fill));
        assertThat(calls).as("nothing is read").isEmpty();
        onServer = vm("host-a", fill -> fill);
        over(Optional.empty());
        assertThat(calls).as("it is not watched yet").containsExactly("vm");
    }

    @Test
    void oneWithoutAVmThatNeedsItIsRemoved() {
        TrustedLaunchVM another = vm("host-a", fill -> fill).orElseThrow();
        another.getMetadata().setUid(OTHER);
        TrustedLaunchVM whole = vm("host-a", fill -> fill).orElseThrow();
        whole.setStatus(
                TrustedLaunchVMStatusBuilder.builder().nodeName("host-a").build());
        for (Optional<TrustedLaunchVM> now : List.of(
                Optional.<TrustedLaunchVM>empty(),
                Optional.of(another),
                Optional.of(whole),
                vm("host-b", fill -> fill),
                vm("host-a", fill -> fill.uid(OTHER)),
                vm("host-a", fill -> fill.backupOf(OTHER)),
                vm("host-a", fill -> fill.location(BackupLocations.ref("nas", "/elsewhere"))),
                vm("host-a", fill -> fill.backup(new RecordedBackup("payroll-1", OTHER, SAVED.indexSHA256()))))) {
            calls.clear();
            onServer = now;
            over(now);
            assertThat(calls).containsExactly("vm", "delete");
        }
    }

    private void over(Optional<TrustedLaunchVM> watched) {
        DiskFill run = new DiskFill();
        run.setMetadata(new ObjectMetaBuilder().withName("fill").build());
        run.setSpec(DiskFillSpecBuilder.builder()
                .nodeName("host-a")
                .vmRef(new VMIncarnationSpec.VmRef(Vms.NAMESPACE, Vms.NAME, Vms.UID, null))
                .storageLocation(new VMIncarnationSpec.Location("default", "/vms"))
                .backup(SAVED)
                .backupOf(Vms.UID)
                .location(NAS)
                .build());
        reconciler.over(run, watched);
    }

    private static Optional<TrustedLaunchVM> vm(String node, UnaryOperator<TrustedLaunchVMStatusFillBuilder> change) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .nodeName(node)
                .diskFill(change.apply(TrustedLaunchVMStatusFillBuilder.builder()
                                .uid("fill")
                                .backup(SAVED)
                                .backupOf(Vms.UID)
                                .location(NAS))
                        .build())
                .build());
        return Optional.of(vm);
    }

    private <T> T noting(Class<T> type) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> {
                    calls.add(method.getName());
                    return method.getName().equals("vm") ? onServer : null;
                }));
    }
}
