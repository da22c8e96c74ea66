package io.trustedlaunch.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.testkit.Cluster;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What scrapers and collectors of logs get from an operator with the permissions that it has in production. */
class MetricsIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "metrics", "--log-format", "json");

    @Test
    void theLeaderReportsTheClusterItsControllersAndItsJvm() {
        try (PlayedAgent agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-a"))).register()) {
            await().atMost(Cluster.TIMEOUT)
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(OPERATOR.metrics())
                            .contains(
                                    "\ntrusted_launch_leader 1.0\n",
                                    "\ntrusted_launch_access_policies_in_force 1.0\n",
                                    "\ntrusted_launch_vms{phase=\"Running\"} ",
                                    "\ntrusted_launch_node_enrolled{node=\"" + agent.name() + "\"} 1.0\n",
                                    "\ntrusted_launch_node_heartbeat_age_seconds{node=\"" + agent.name() + "\"} ",
                                    "\ntrusted_launch_certificate_authority_expiration_timestamp_seconds"
                                            + "{name=\"trusted-launch-ca\"} ",
                                    "\noperator_sdk_reconciliations_success_total{",
                                    "\noperator_sdk_reconciliations_queue_size_vm{",
                                    "\njvm_memory_used_bytes{"));
        }
    }

    @Test
    void everyLineOfItsLogIsJson() {
        await().atMost(Cluster.TIMEOUT)
                .untilAsserted(() -> assertThat(OPERATOR.logged()).contains("\"formattedMessage\":\"Starting as "));

        assertThat(OPERATOR.logged().lines()).allMatch(line -> line.startsWith("{") && line.endsWith("}"));
    }
}
