package io.trustedlaunch.operator.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.restore.RestoreRunSpecBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusRestoreBuilder;
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

class RestoreRunReconcilerTest {
    private static final String BACKUP = "00000000-0000-4000-8000-000000000003";
    private static final String DIGEST = "ab".repeat(32);
    private static final RecordedBackup SAVED = new RecordedBackup("payroll-1", BACKUP, DIGEST);
    private static final BackupRunSpec.Location NAS = BackupLocations.ref("nas", "/backups");
    private static final GuestStateVersion STATE = new GuestStateVersion(3L, 7L);

    private final List<String> calls = new ArrayList<>();
    private Optional<TrustedLaunchVM> onServer = Optional.empty();
    private final RestoreRunReconciler reconciler =
            new RestoreRunReconciler(Backups.OPERATOR, noting(ApiReader.class), noting(ResourceWriter.class));

    @Test
    void aRunStaysWhileItsRestoreIsOnRecord() {
        over(vm(restore -> restore));
        assertThat(calls).as("nothing is read").isEmpty();
    }

    @Test
    void aRunWhoseRestoreIsNotWatchedYetStays() {
        onServer = vm(restore -> restore);
        over(Optional.empty());
        assertThat(calls).containsExactly("vm");
    }

    @Test
    void aRunIsRemovedOnceItsRestoreHasEndedOrIsOnNoRecord() {
        for (Optional<TrustedLaunchVM> now : List.of(
                vm(restore -> restore.outcome(RestoreOutcome.Completed)),
                vm(restore -> restore.uid("another")),
                vm(restore -> restore.nodeName("host-b")),
                Optional.<TrustedLaunchVM>empty())) {
            calls.clear();
            onServer = now;
            over(now);
            assertThat(calls).containsExactly("vm", "delete");
        }
    }

    /** Somebody with the rights of an administrator may have created another one of its name. */
    @Test
    void aRunOfAnotherRestoreThanTheOneOnRecordIsRemoved() {
        for (Optional<TrustedLaunchVM> now : List.of(
                vm(restore -> restore.backup(new RecordedBackup("other", BACKUP, DIGEST))),
                vm(restore -> restore.location(BackupLocations.ref("nas", "/elsewhere"))),
                vm(restore -> restore.storageLocation("other")),
                vm(restore -> restore.guestState(new GuestStateVersion(3L, 8L))),
                vm(restore -> restore.afterEpoch(4L)))) {
            calls.clear();
            onServer = now;
            over(now);
            assertThat(calls).containsExactly("vm", "delete");
        }
    }

    @Test
    void anotherVmOfTheSameNameIsNotItsVm() {
        onServer = vm(restore -> restore);
        onServer.get().getMetadata().setUid("00000000-0000-4000-8000-0000000000ff");
        over(onServer);
        assertThat(calls).containsExactly("vm", "delete");
    }

    private void over(Optional<TrustedLaunchVM> watched) {
        RestoreRun run = new RestoreRun();
        run.setMetadata(new ObjectMetaBuilder().withName("restore").build());
        run.setSpec(RestoreRunSpecBuilder.builder()
                .nodeName("host-a")
                .vmRef(new VMIncarnationSpec.VmRef(Vms.NAMESPACE, Vms.NAME, Vms.UID, null))
                .epoch(3L)
                .storageLocation(new VMIncarnationSpec.Location("default", "/vms"))
                .backup(SAVED)
                .location(NAS)
                .guestState(STATE)
                .build());
        reconciler.over(run, watched);
    }

    private static Optional<TrustedLaunchVM> vm(UnaryOperator<TrustedLaunchVMStatusRestoreBuilder> change) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .restore(change.apply(TrustedLaunchVMStatusRestoreBuilder.builder()
                                .uid("restore")
                                .nodeName("host-a")
                                .afterEpoch(3L)
                                .storageLocation("default")
                                .backup(SAVED)
                                .location(NAS)
                                .guestState(STATE))
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
