package io.trustedlaunch.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.metrics.ComputedMetrics;
import io.trustedlaunch.metrics.ProcessMetrics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class AgentMetersTest {
    private final ProcessMetrics metrics = new ProcessMetrics();
    private final AgentMeters meters = new AgentMeters(metrics.registry());

    @Test
    void sealsAndImportsAreMeasuredAndTheirFailuresCounted() {
        meters.seals().succeeded(Duration.ofMillis(200));
        meters.seals().succeeded(Duration.ofMillis(300));
        meters.seals().failed();
        meters.imports().failed();
        meters.heartbeatFailed();

        assertThat(metrics.scrape())
                .contains(
                        "\ntrusted_launch_agent_guest_state_seal_lag_seconds_count 2\n",
                        "\ntrusted_launch_agent_guest_state_seal_lag_seconds_sum 0.5\n",
                        "\ntrusted_launch_agent_guest_state_seal_lag_seconds_bucket{le=\"0.25\"} 1\n",
                        "\ntrusted_launch_agent_guest_state_seal_failures_total 1.0\n",
                        "\ntrusted_launch_agent_image_import_failures_total 1.0\n",
                        "\ntrusted_launch_agent_image_import_duration_seconds_count 0\n",
                        "\ntrusted_launch_agent_heartbeat_failures_total 1.0\n");
    }

    @Test
    void aStepIsMeasuredByItsName() {
        meters.step("Prepare", Duration.ofMillis(600));
        meters.step("Prepare", Duration.ofMillis(900));
        meters.step("Resume", Duration.ofMillis(20));

        assertThat(metrics.scrape())
                .contains(
                        "\ntrusted_launch_agent_step_duration_seconds_count{step=\"Prepare\"} 2\n",
                        "\ntrusted_launch_agent_step_duration_seconds_sum{step=\"Prepare\"} 1.5\n",
                        "\ntrusted_launch_agent_step_duration_seconds_count{step=\"Resume\"} 1\n");
    }

    @Test
    void aHandoffIsMeasuredAlsoIfItFails() {
        List<String> handedOff = new ArrayList<>();
        meters.handoffs((String migration, String to) -> handedOff.add(migration + to))
                .accept("a", "b");
        assertThatThrownBy(() -> meters.handoffs((migration, to) -> {
                            throw new IllegalStateException("for the test");
                        })
                        .accept("a", "b"))
                .isInstanceOf(IllegalStateException.class);

        assertThat(handedOff).containsExactly("ab");
        assertThat(metrics.scrape()).contains("\ntrusted_launch_agent_migration_handoff_seconds_count 2\n");
    }

    @Test
    void portsAndCertificatesShow() {
        metrics.add(new ComputedMetrics(new HostMetrics(
                Map.of("migration", () -> OptionalInt.of(16515), "console", OptionalInt::empty),
                () -> Map.of(CertificatePurpose.SEALING, Instant.ofEpochSecond(7)))));

        assertThat(metrics.scrape())
                .contains(
                        "\ntrusted_launch_agent_port_open{port=\"migration\"} 1.0\n",
                        "\ntrusted_launch_agent_port_open{port=\"console\"} 0.0\n",
                        "\ntrusted_launch_agent_certificate_expiration_timestamp_seconds{purpose=\"sealing\"} 7.0\n");
    }
}
