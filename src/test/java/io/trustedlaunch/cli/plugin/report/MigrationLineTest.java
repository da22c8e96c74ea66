package io.trustedlaunch.cli.plugin.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationSpec;
import io.trustedlaunch.api.VMMigrationStatus;
import io.trustedlaunch.api.VMMigrationStatus.Phase;
import io.trustedlaunch.api.VMMigrationStatus.Progress;
import java.util.List;
import org.junit.jupiter.api.Test;

class MigrationLineTest {
    @Test
    void aMoveThatNobodyHasLookedAtIsPending() {
        assertThat(MigrationLine.of(move(null))).isEqualTo("payroll: Pending");
        assertThat(MigrationLine.percent(move(null))).isZero();
    }

    @Test
    void whatAMoveWaitsForIsSaid() {
        assertThat(MigrationLine.of(move(status(Phase.Pending, null, null))))
                .isEqualTo("payroll: Pending (the VM does not run)");
    }

    @Test
    void memoryOnItsWayIsCounted() {
        VMMigration move = move(status(Phase.Migrating, "host-b", new Progress(3L << 20, 1L << 20, 75, null, null)));
        assertThat(MigrationLine.of(move)).isEqualTo("payroll host-a -> host-b: Migrating 75 %, 3 MiB sent, 1 MiB left");
        assertThat(MigrationLine.percent(move)).isEqualTo(75);
    }

    @Test
    void aMoveThatSucceededIsWholeWhateverWasCountedLast() {
        VMMigration move = move(status(Phase.Succeeded, "host-b", new Progress(3L << 20, 1L << 20, 75, null, null)));
        assertThat(MigrationLine.of(move)).isEqualTo("payroll host-a -> host-b: Succeeded");
        assertThat(MigrationLine.percent(move)).isEqualTo(100);
    }

    private static VMMigration move(VMMigrationStatus status) {
        VMMigration move = new VMMigration();
        move.setSpec(new VMMigrationSpec(new ObjectRef("payroll"), null));
        move.setStatus(status);
        return move;
    }

    private static VMMigrationStatus status(Phase phase, String target, Progress progress) {
        return new VMMigrationStatus(
                1L,
                phase,
                target == null ? null : "host-a",
                target,
                4L,
                progress,
                null,
                null,
                List.of(new ConditionBuilder()
                        .withType("Migrated")
                        .withStatus("Unknown")
                        .withReason("NotRunning")
                        .withMessage("the VM does not run")
                        .build()));
    }
}
