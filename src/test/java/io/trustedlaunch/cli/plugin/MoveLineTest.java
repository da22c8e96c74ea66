package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationSpec;
import io.trustedlaunch.api.VMMigrationStatus;
import io.trustedlaunch.api.VMMigrationStatus.Phase;
import io.trustedlaunch.api.VMMigrationStatus.Progress;
import io.trustedlaunch.api.VMMigrationStatusBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class MoveLineTest {
    @Test
    void aMoveThatNobodyHasLookedAtIsPending() {
        assertThat(MoveLine.of(move(null))).isEqualTo("payroll: Pending");
        assertThat(MoveLine.percent(move(null))).isZero();
    }

    @Test
    void whatAMoveWaitsForIsSaid() {
        assertThat(MoveLine.of(move(status(Phase.Pending, null, null))))
                .isEqualTo("payroll: Pending (the VM does not run)");
    }

    @Test
    void memoryOnItsWayIsCounted() {
        VMMigration move = move(status(Phase.Migrating, "host-b", new Progress(3L << 20, 1L << 20, 75, null, null)));
        assertThat(MoveLine.of(move)).isEqualTo("payroll host-a -> host-b: Migrating 75 %, 3 MiB sent, 1 MiB left");
        assertThat(MoveLine.percent(move)).isEqualTo(75);
    }

    @Test
    void aMoveThatSucceededIsWholeWhateverWasCountedLast() {
        VMMigration move = move(status(Phase.Succeeded, "host-b", new Progress(3L << 20, 1L << 20, 75, null, null)));
        assertThat(MoveLine.of(move)).isEqualTo("payroll host-a -> host-b: Succeeded");
        assertThat(MoveLine.percent(move)).isEqualTo(100);
    }

    private static VMMigration move(VMMigrationStatus status) {
        VMMigration move = new VMMigration();
        move.setSpec(new VMMigrationSpec(new ObjectRef("payroll"), null));
        move.setStatus(status);
        return move;
    }

    private static VMMigrationStatus status(Phase phase, String target, Progress progress) {
        return VMMigrationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(phase)
                .sourceNode(target == null ? null : "host-a")
                .targetNode(target)
                .epoch(4L)
                .progress(progress)
                .conditions(List.of(new ConditionBuilder()
                        .withType("Migrated")
                        .withStatus("Unknown")
                        .withReason("NotRunning")
                        .withMessage("the VM does not run")
                        .build()))
                .build();
    }
}
