package io.trustedlaunch.cli.plugin.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationSpec;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.incarnation.VMMigrationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMMigrationStatus.Transfer;
import io.trustedlaunch.api.incarnation.VMMigrationStatusBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class MigrationLineTest {
    @Test
    void aMigrationWithoutStatusIsPending() {
        assertThat(MigrationLine.of(migration(null))).isEqualTo("payroll: Pending");
        assertThat(MigrationLine.percent(migration(null))).isZero();
    }

    @Test
    void aPendingMigrationShowsWhatItWaitsFor() {
        assertThat(MigrationLine.of(migration(status(Phase.Pending, null, null))))
                .isEqualTo("payroll: Pending (the VM does not run)");
    }

    @Test
    void transferredMemoryIsShown() {
        VMMigration migration = migration(status(Phase.Migrating, "host-b", 75));
        assertThat(MigrationLine.of(migration))
                .isEqualTo("payroll host-a -> host-b: Migrating 75%, 3 MiB transferred, 1 MiB remaining");
        assertThat(MigrationLine.percent(migration)).isEqualTo(75);
    }

    @Test
    void aSucceededMigrationIsAtOneHundredPercent() {
        VMMigration migration = migration(status(Phase.Succeeded, "host-b", 75));
        assertThat(MigrationLine.of(migration)).isEqualTo("payroll host-a -> host-b: Succeeded");
        assertThat(MigrationLine.percent(migration)).isEqualTo(100);
    }

    @Test
    void aMigrationToTheNodeThatTheVmIsOnSaysSo() {
        assertThat(MigrationLine.of(migration(status(Phase.Succeeded, "host-a", null))))
                .isEqualTo("payroll: Succeeded (the VM does not run)");
    }

    private static VMMigration migration(VMMigrationStatus status) {
        VMMigration migration = new VMMigration();
        migration.setSpec(new VMMigrationSpec(new ObjectRef("payroll"), null));
        migration.setStatus(status);
        return migration;
    }

    private static VMMigrationStatus status(Phase phase, String target, Integer percent) {
        return VMMigrationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(phase)
                .sourceNode(target == null ? null : "host-a")
                .targetNode(target)
                .epoch(4L)
                .progressPercent(percent)
                .transfer(new Transfer(new Quantity("3Mi"), new Quantity("1Mi"), null, null))
                .conditions(List.of(new ConditionBuilder()
                        .withType("Migrated")
                        .withStatus("Unknown")
                        .withReason("NotRunning")
                        .withMessage("the VM does not run")
                        .build()))
                .build();
    }
}
