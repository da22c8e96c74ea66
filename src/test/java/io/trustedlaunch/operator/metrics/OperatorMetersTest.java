package io.trustedlaunch.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.incarnation.VMMigrationStatusBuilder;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeFenceStatusBuilder;
import io.trustedlaunch.metrics.ComputedMetrics;
import io.trustedlaunch.metrics.ProcessMetrics;
import java.util.List;
import org.junit.jupiter.api.Test;

public class OperatorMetersTest {
    private boolean leads;
    private boolean policiesInForce;
    private final ProcessMetrics metrics = new ProcessMetrics();
    private final OperatorMeters meters = new OperatorMeters(metrics.registry(), () -> leads, () -> policiesInForce);

    @Test
    void migrationsAreMeasuredByTheirOutcome() {
        meters.ended(ended(9L, Reason.Migrated, "12:00:04"));
        meters.ended(ended(9L, Reason.Migrated, "12:00:06"));
        meters.ended(ended(9L, Reason.MigrationNotConverging, "12:01:00"));

        assertThat(metrics.scrape())
                .contains(
                        "\ntrusted_launch_migration_duration_seconds_count{reason=\"Migrated\"} 2\n",
                        "\ntrusted_launch_migration_duration_seconds_sum{reason=\"Migrated\"} 10.0\n",
                        "\ntrusted_launch_migration_duration_seconds_bucket{reason=\"Migrated\",le=\"5.0\"} 1\n",
                        "\ntrusted_launch_migration_duration_seconds_count{reason=\"MigrationNotConverging\"} 1\n");
    }

    @Test
    void aMigrationThatHadNothingToDoIsNone() {
        meters.ended(ended(null, Reason.Migrated, "12:00:00"));

        assertThat(metrics.scrape()).doesNotContain("trusted_launch_migration_duration");
    }

    @Test
    void anOperatorThatDoesNotLeadOrWaitsForItsPoliciesSaysSo() {
        assertThat(metrics.scrape())
                .contains("\ntrusted_launch_leader 0.0\n", "\ntrusted_launch_access_policies_in_force 0.0\n");

        leads = true;
        policiesInForce = true;
        assertThat(metrics.scrape())
                .contains("\ntrusted_launch_leader 1.0\n", "\ntrusted_launch_access_policies_in_force 1.0\n");
    }

    @Test
    void fencesAreMeasuredByTheirPhases() {
        meters.changed(
                fence(Phase.Fencing, "12:00:00"),
                fence(Phase.Proved, "12:00:07").getStatus());
        meters.changed(
                fence(Phase.Failed, "12:00:00"), fence(Phase.Failed, "12:00:00").getStatus());
        NodeFence requested = fence(Phase.Requested, "12:00:00");
        requested.setStatus(null);
        meters.changed(requested, fence(Phase.Fencing, "12:00:07").getStatus());

        assertThat(metrics.scrape())
                .contains(
                        "\ntrusted_launch_fence_phase_duration_seconds_sum{method=\"Power\",next=\"Proved\",phase=\"Fencing\"} 7.0\n")
                .doesNotContain("phase=\"Failed\"", "phase=\"Requested\"");
    }

    @Test
    void fencesAreCountedByTheLeader() {
        NodeFence silent = fence(Phase.Requested, "12:00:00");
        silent.setStatus(NodeFenceStatusBuilder.builder(silent.getStatus())
                .reason(Reason.TooManyNodesSilent.name())
                .build());
        metrics.add(new ComputedMetrics(new FenceMetrics(
                () -> leads, () -> List.of(silent, fence(Phase.Proved, "12:00:00"), fence(Phase.Proved, "12:00:00")))));
        assertThat(metrics.scrape()).doesNotContain("trusted_launch_fences");

        leads = true;
        assertThat(metrics.scrape())
                .contains(
                        "\ntrusted_launch_fences{method=\"Power\",phase=\"Requested\",reason=\"TooManyNodesSilent\"} 1.0\n",
                        "\ntrusted_launch_fences{method=\"Power\",phase=\"Proved\",reason=\"\"} 2.0\n");
    }

    public static NodeFence fence(Phase phase, String since) {
        NodeFence fence = new NodeFence();
        fence.setSpec(new NodeFenceSpec("host-a", "3f0c", Method.Power));
        fence.setStatus(NodeFenceStatusBuilder.builder()
                .phase(phase)
                .since("2026-03-01T" + since + "Z")
                .build());
        return fence;
    }

    /** It began at 12:00:00. */
    public static VMMigrationStatus ended(Long epoch, Reason reason, String at) {
        return VMMigrationStatusBuilder.builder()
                .epoch(epoch)
                .startTime("2026-03-01T12:00:00Z")
                .completionTime("2026-03-01T" + at + "Z")
                .conditions(List.of(new ConditionBuilder()
                        .withType("Migrated")
                        .withStatus(reason == Reason.Migrated ? "True" : "False")
                        .withReason(reason.name())
                        .build()))
                .build();
    }
}
