package io.trustedlaunch.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.metrics.ComputedMetrics;
import io.trustedlaunch.metrics.ProcessMetrics;
import org.junit.jupiter.api.Test;

class ClusterMetricsTest {
    private final SampleCluster cluster = new SampleCluster().fill();

    @Test
    void vmsAreCountedByPhaseAndCondition() {
        assertThat(scrape(true))
                .contains(
                        "\ntrusted_launch_vms{phase=\"Running\"} 2.0\n",
                        "\ntrusted_launch_vms{phase=\"Pending\"} 2.0\n",
                        "\ntrusted_launch_vms{phase=\"Migrating\"} 0.0\n",
                        "\ntrusted_launch_vm_conditions{condition=\"Ready\",reason=\"NoNodeFits\",status=\"False\"} 1.0\n",
                        "\ntrusted_launch_vm_conditions{condition=\"SecureBoot\",reason=\"SecureBootOff\",status=\"False\"}"
                                + " 1.0\n",
                        "\ntrusted_launch_node_vms{node=\"host-a\"} 3.0\n",
                        "\ntrusted_launch_migrations{phase=\"Migrating\"} 1.0\n",
                        "\ntrusted_launch_migrations{phase=\"Pending\"} 0.0\n")
                .doesNotContain("Succeeded\"} 1.0\n");
    }

    @Test
    void backupsAreCountedAndWhatIsMissedFailedOrDamaged() {
        assertThat(scrape(true))
                .contains(
                        "\ntrusted_launch_backups{phase=\"Completed\"} 3.0\n",
                        "\ntrusted_launch_backups{phase=\"Pending\"} 1.0\n",
                        "\ntrusted_launch_backups{phase=\"Failed\"} 2.0\n",
                        "\ntrusted_launch_vms_with_failed_backup 1.0\n",
                        "\ntrusted_launch_backup_conditions{condition=\"Verified\",reason=\"BackupDamaged\",status=\"False\"}"
                                + " 1.0\n",
                        "\ntrusted_launch_backup_schedule_conditions{condition=\"BackupOverdue\",reason=\"BackupsOverdue\",status=\"True\"}"
                                + " 1.0\n",
                        "\ntrusted_launch_backup_schedule_missed 3.0\n");
    }

    @Test
    void noVmIsNamed() {
        assertThat(scrape(true)).doesNotContain("payroll", "finance");
    }

    @Test
    void theLagIsThatOfTheWorstRunningGuest() {
        assertThat(scrape(true))
                .contains(
                        "\ntrusted_launch_node_guest_state_seal_lag_seconds{node=\"host-a\"} 2.5\n",
                        "\ntrusted_launch_vms_with_unwatched_change 1.0\n");
    }

    @Test
    void aMissingEscrowCountsWhileTheIncarnationLastsAndEscrowsAreMade() {
        assertThat(scrape(true)).contains("\ntrusted_launch_vms_without_escrow 1.0\n");
        assertThat(scrape(false)).doesNotContain("trusted_launch_vms_without_escrow");
    }

    @Test
    void aNodeMakesNoSeriesOfItsOwn() {
        assertThat(scrape(true))
                .contains(
                        "\ntrusted_launch_incarnation_problems{reason=\"TpmNotResponding\"} 1.0\n",
                        "\ntrusted_launch_incarnation_problems{reason=\"Other\"} 1.0\n")
                .doesNotContain("made up", "made-up");
    }

    @Test
    void nodesLocationsAndCatalogsAreThere() {
        assertThat(scrape(true))
                .contains(
                        "\ntrusted_launch_node_ready{node=\"host-a\"} 1.0\n",
                        "\ntrusted_launch_node_enrolled{node=\"host-a\"} 1.0\n",
                        "\ntrusted_launch_node_drained{node=\"host-a\"} 0.0\n",
                        "\ntrusted_launch_node_heartbeat_age_seconds{node=\"host-a\"} 15.0\n",
                        "\ntrusted_launch_node_certificate_expiration_timestamp_seconds{node=\"host-a\"} 1.7987616E9\n",
                        "\ntrusted_launch_storage_location_ready{node=\"host-a\",storage_location=\"default\"} 1.0\n",
                        "\ntrusted_launch_storage_location_ready{node=\"host-b\",storage_location=\"default\"} 0.0\n",
                        "\ntrusted_launch_storage_location_free_bytes{node=\"host-a\",storage_location=\"default\"} 4096.0\n",
                        "\ntrusted_launch_image_catalog_ready{image_catalog=\"vendor\"} 1.0\n",
                        "\ntrusted_launch_image_catalog_expiration_timestamp_seconds{image_catalog=\"vendor\"}"
                                + " 1.7987616E9\n",
                        "\ntrusted_launch_certificate_authority_expiration_timestamp_seconds{name=\"trusted-launch-ca\"}"
                                + " 1.7987616E9\n");
    }

    /** Otherwise the sum over two replicas would be twice the number. */
    @Test
    void onlyTheLeaderReportsOfTheCluster() {
        cluster.leads = false;

        assertThat(scrape(true))
                .doesNotContain("trusted_launch_vms", "trusted_launch_node", "trusted_launch_migrations");
    }

    private String scrape(boolean escrows) {
        ProcessMetrics metrics = new ProcessMetrics();
        metrics.add(new ComputedMetrics(cluster.metrics(escrows)));
        return metrics.scrape();
    }
}
