package io.trustedlaunch.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.trustedlaunch.testkit.Helm;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How users fit the chart's objects to their cluster. It needs helm, and no cluster. */
class ChartAdaptationIT {
    private static final YAMLMapper YAML = new YAMLMapper();

    @ParameterizedTest
    @CsvSource({
        "operator,         Deployment, trusted-launch-operator",
        "agent,            DaemonSet,  trusted-launch-agent",
        "fencing.fencer,   Deployment, trusted-launch-fencer"
    })
    void theTimesOfProbesAreValues(String component, String kind, String name) throws IOException {
        JsonNode container = one(
                        kind,
                        name,
                        "fencing.enabled=true",
                        component + ".probes.startup.failureThreshold=9",
                        component + ".probes.liveness.timeoutSeconds=30",
                        component + ".probes.readiness.initialDelaySeconds=3")
                .at("/spec/template/spec/containers/0");

        assertThat(container.at("/startupProbe/failureThreshold").asInt()).isEqualTo(9);
        assertThat(container.at("/startupProbe/periodSeconds").asInt()).isEqualTo(2);
        assertThat(container.at("/livenessProbe/timeoutSeconds").asInt()).isEqualTo(30);
        assertThat(container.at("/readinessProbe/initialDelaySeconds").asInt()).isEqualTo(3);
        assertThat(container.at("/readinessProbe/httpGet").isObject()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "operator,         trusted-launch-operator",
        "agent,            trusted-launch-agent",
        "fencing.fencer,   trusted-launch-fencer"
    })
    void accountsHaveAnnotations(String component, String name) throws IOException {
        JsonNode account = one(
                "ServiceAccount", name, "fencing.enabled=true", component + ".serviceAccountAnnotations.team=platform");

        assertThat(account.at("/metadata/annotations/team").asText()).isEqualTo("platform");
    }

    @Test
    void theWayOfAnUpgradeIsAValue() throws IOException {
        assertThat(one("Deployment", "trusted-launch-operator")
                        .at("/spec/strategy")
                        .isMissingNode())
                .isTrue();
        assertThat(one("Deployment", "trusted-launch-operator", "operator.strategy.type=Recreate")
                        .at("/spec/strategy/type")
                        .asText())
                .isEqualTo("Recreate");
        assertThat(one("DaemonSet", "trusted-launch-agent", "agent.updateStrategy.rollingUpdate.maxUnavailable=2")
                        .at("/spec/updateStrategy/rollingUpdate/maxUnavailable")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void furtherObjectsAreOfTheReleaseAndMayHaveTemplates() throws IOException {
        JsonNode added = one(
                "ConfigMap",
                "mine",
                "extraObjects[0].apiVersion=v1",
                "extraObjects[0].kind=ConfigMap",
                "extraObjects[0].metadata.name=mine",
                "extraObjects[0].metadata.namespace=\\{\\{ .Release.Namespace \\}\\}");

        assertThat(added.at("/metadata/namespace").asText()).isEqualTo("trusted-launch-system");
    }

    private static JsonNode one(String kind, String name, String... values) throws IOException {
        try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(Helm.render(values))) {
            List<JsonNode> found = documents.readAll().stream()
                    .filter(object -> object.path("kind").asText().equals(kind)
                            && object.at("/metadata/name").asText().equals(name))
                    .toList();
            assertThat(found).as(kind + " " + name).hasSize(1);
            return found.getFirst();
        }
    }
}
