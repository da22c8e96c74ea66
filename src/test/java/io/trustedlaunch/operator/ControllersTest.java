package io.trustedlaunch.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.trustedlaunch.operator.backup.BackupReconciler;
import io.trustedlaunch.operator.backup.BackupRunReconciler;
import io.trustedlaunch.operator.backup.DiskFillReconciler;
import io.trustedlaunch.operator.backup.RestoreRunReconciler;
import io.trustedlaunch.operator.console.ConsoleReconciler;
import io.trustedlaunch.operator.download.DownloadReconciler;
import io.trustedlaunch.operator.fencing.StrayFenceReconciler;
import io.trustedlaunch.operator.identity.IdentityReconciler;
import io.trustedlaunch.operator.imagecopy.RemovalReconciler;
import io.trustedlaunch.operator.incarnation.OrphanReconciler;
import io.trustedlaunch.operator.migration.MigrationReconciler;
import io.trustedlaunch.operator.storedbackup.StoredBackupRunReconciler;
import io.trustedlaunch.operator.vm.VmReconciler;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControllersTest {
    /**
     * Of an object that is deleted during a pass over it, the SDK keeps a state and a timer for ever, unless the
     * controller is asked once more when the object is gone.
     */
    @ParameterizedTest
    @ValueSource(
            classes = {
                VmReconciler.class,
                OrphanReconciler.class,
                MigrationReconciler.class,
                BackupReconciler.class,
                BackupRunReconciler.class,
                RestoreRunReconciler.class,
                DiskFillReconciler.class,
                StoredBackupRunReconciler.class,
                ConsoleReconciler.class,
                DownloadReconciler.class,
                RemovalReconciler.class,
                IdentityReconciler.class,
                StrayFenceReconciler.class
            })
    void theControllersOfObjectsThatComeAndGoAreAskedWhenOneIsGone(Class<? extends Reconciler<?>> controller) {
        assertThat(controller.getAnnotation(ControllerConfiguration.class).triggerReconcilerOnAllEvents())
                .isTrue();
    }
}
