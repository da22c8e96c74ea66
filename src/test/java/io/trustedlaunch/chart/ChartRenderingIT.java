package io.trustedlaunch.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.testkit.Helm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the chart renders with other values than the defaults, which deploy/ has. It needs helm, and no cluster. */
class ChartRenderingIT {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final String DIGEST = "sha256:" + "0".repeat(64);
    private static final String AUTHORITY =
            "agent.metrics.clientCA=-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n";

    private static List<JsonNode> render(String... values) {
        return documents(Helm.render(values));
    }

    private static List<JsonNode> documents(String manifest) {
        try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(manifest)) {
            return documents.readAll().stream().filter(JsonNode::isObject).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<JsonNode> of(List<JsonNode> manifests, String kind) {
        return manifests.stream().filter(object -> object.path("kind").asText().equals(kind));
    }

    private static JsonNode one(List<JsonNode> manifests, String kind, String name) {
        return of(manifests, kind)
                .filter(object -> object.at("/metadata/name").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + kind + " " + name));
    }

    private static JsonNode operator(String... values) {
        return one(render(values), "Deployment", "trusted-launch-operator").at("/spec/template/spec");
    }

    private static JsonNode agent(String... values) {
        return one(render(values), "DaemonSet", "trusted-launch-agent").at("/spec/template/spec");
    }

    /** In which the operator's account could have the tokens of others' accounts, and reads others' Secrets. */
    @ParameterizedTest
    @ValueSource(strings = {"kube-system", "kube-public", "kube-node-lease", "default"})
    void aNamespaceThatOthersUseIsRefused(String namespace) {
        assertThatThrownBy(() -> Helm.renderIn(namespace)).hasMessageContaining("install the chart in a namespace");
        assertThatThrownBy(() -> Helm.render("fencing.enabled=true", "fencing.namespace=" + namespace))
                .hasMessageContaining("choose a namespace that has nothing else");
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            tag=1.2.3,                          trusted-launch-operator:1.2.3
            registry=registry.example.org:5000, registry.example.org:5000/trusted-launch-operator:0.1.0-SNAPSHOT
            repository=vms/operator,            vms/operator:0.1.0-SNAPSHOT
            """)
    void anImageIsNamedByItsParts(String part, String image) {
        assertThat(operator("operator.image." + part).at("/containers/0/image").asText())
                .isEqualTo(image);
    }

    @Test
    void aDigestIsUsedInsteadOfTheTag() {
        assertThat(agent("agent.image.digest=" + DIGEST, "agent.image.tag=1.2.3", "agent.image.registry=r.example.org")
                        .at("/containers/0/image")
                        .asText())
                .isEqualTo("r.example.org/trusted-launch-agent@" + DIGEST);
    }

    @Test
    void everyPodHasThePullSecrets() {
        List<JsonNode> manifests = render("imagePullSecrets[0].name=mine", "fencing.enabled=true");
        assertThat(Stream.of("Deployment", "DaemonSet")
                        .flatMap(kind -> of(manifests, kind))
                        .map(workload -> workload.at("/spec/template/spec"))
                        .toList())
                .hasSize(3)
                .allSatisfy(pod ->
                        assertThat(pod.at("/imagePullSecrets/0/name").asText()).isEqualTo("mine"));
        assertThat(one(manifests, "Pod", "trusted-launch-check")
                        .at("/spec/imagePullSecrets/0/name")
                        .asText())
                .isEqualTo("mine");
    }

    @Test
    void everyObjectAndPodHasTheCommonLabels() {
        List<JsonNode> manifests = render(
                "commonLabels.team=vms",
                "operator.serviceMonitor.enabled=true",
                "prometheusRule.enabled=true",
                "dashboards.enabled=true",
                "agent.metrics.port=16518",
                "fencing.enabled=true",
                AUTHORITY,
                "agent.metrics.podMonitor.enabled=true",
                "agent.metrics.podMonitor.clientSecret=prometheus");
        assertThat(Stream.of(
                                manifests.stream(),
                                render("commonLabels.team=vms", "secrets.readAllNamespaces=true").stream(),
                                manifests.stream()
                                        .map(object -> object.at("/spec/template"))
                                        .filter(JsonNode::isObject))
                        .flatMap(objects -> objects))
                .allSatisfy(
                        object -> assertThat(object.at("/metadata/labels/team").asText())
                                .as(object.path("kind") + " " + object.at("/metadata/name"))
                                .isEqualTo("vms"));
        assertThat(one(manifests, "Deployment", "trusted-launch-operator")
                        .at("/spec/selector/matchLabels")
                        .size())
                .as("a selector cannot change")
                .isEqualTo(2);
    }

    @Test
    void whatAPodIsGivenBesidesReachesIt() {
        for (String role : List.of("operator", "agent")) {
            List<JsonNode> manifests = render(
                    role + ".podLabels.a=b",
                    role + ".podAnnotations.c=d",
                    role + ".extraArgs[0]=--extra",
                    role + ".extraEnv[0].name=HTTPS_PROXY",
                    role + ".volumes[0].name=extra",
                    role + ".volumeMounts[0].name=extra",
                    role + ".priorityClassName=mine",
                    role + ".nodeSelector.rack=seven");
            JsonNode template = Stream.of("Deployment", "DaemonSet")
                    .flatMap(kind -> of(manifests, kind))
                    .filter(workload -> workload.at("/metadata/name").asText().endsWith(role))
                    .findFirst()
                    .orElseThrow()
                    .at("/spec/template");
            assertThat(template.at("/metadata/labels/a").asText()).as(role).isEqualTo("b");
            assertThat(template.at("/metadata/annotations/c").asText()).as(role).isEqualTo("d");
            JsonNode container = template.at("/spec/containers/0");
            assertThat(container.at("/args").toString()).contains("--extra");
            assertThat(container.at("/env").toString()).contains("HTTPS_PROXY");
            assertThat(container.at("/volumeMounts").toString()).contains("extra");
            assertThat(template.at("/spec/volumes").toString()).contains("extra");
            assertThat(template.at("/spec/priorityClassName").asText()).isEqualTo("mine");
            assertThat(template.at("/spec/nodeSelector/rack").asText()).isEqualTo("seven");
        }
    }

    @Test
    void theDefaultQuotaReachesTheOperator() {
        JsonNode args = operator("quota.default.vms=2000000", "quota.default.memory=64Gi")
                .at("/containers/0/args");
        assertThat(values(args)).contains("--default-quota=vms=2000000", "--default-quota=memory=64Gi");
        assertThat(values(operator().at("/containers/0/args"))).noneMatch(arg -> arg.contains("quota"));
        assertThatThrownBy(() -> operator("quota.default.pods=1")).hasMessageContaining("pods");
    }

    @Test
    void withoutAffinityEachNodeGetsAnAgent() {
        assertThat(agent().has("affinity")).isTrue();
        assertThat(agent("agent.affinity=null").has("affinity")).isFalse();
    }

    /** As in crds/, which users without helm apply. */
    @Test
    void theDefinitionsAreTheGeneratedOnesAndKept() throws IOException {
        List<JsonNode> rendered = of(render(), "CustomResourceDefinition")
                .map(ChartRenderingIT::withoutLabels)
                .toList();
        try (var files = Files.list(Path.of("crds"))) {
            assertThat(rendered)
                    .containsExactlyInAnyOrderElementsOf(
                            files.map(file -> documents(read(file)).getFirst())
                                    .map(definition -> annotated(definition))
                                    .toList());
        }
    }

    private static JsonNode withoutLabels(JsonNode definition) {
        ((ObjectNode) definition.path("metadata")).remove("labels");
        return definition;
    }

    private static JsonNode annotated(JsonNode definition) {
        ((ObjectNode) definition.path("metadata")).putObject("annotations").put("helm.sh/resource-policy", "keep");
        return definition;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theDefinitionsAreLeftOutOrRemovedWithTheReleaseIfAsked() {
        assertThat(of(render("crds.enabled=false"), "CustomResourceDefinition")).isEmpty();
        assertThat(of(render("crds.keep=false"), "CustomResourceDefinition"))
                .isNotEmpty()
                .allSatisfy(definition -> assertThat(
                                definition.at("/metadata/annotations").isMissingNode())
                        .isTrue());
    }

    /** Such an object would need its definition before helm creates anything. */
    @Test
    void theChartHasNoObjectOfItsOwnKinds() {
        assertThat(render())
                .noneMatch(object -> object.path("apiVersion").asText().startsWith("trustedlaunch.io/"));
    }

    @Test
    void theOperatorMayMakeOnlyTheDefaultObjectsThatAreAskedFor() {
        String both = "[[\"azure-local\"],[\"default\"]]";
        assertThat(names(render())).isEqualTo(both);
        assertThat(names(render("defaults.storageLocation=false"))).isEqualTo("[[\"azure-local\"]]");
        assertThat(operator("defaults.storageLocation=false")
                        .at("/containers/0/args")
                        .toString())
                .doesNotContain("--default-storage-location")
                .contains("--default-image-eligibility-policy");
    }

    private static String names(List<JsonNode> manifests) {
        return Stream.of(
                        one(manifests, "ClusterRole", "trusted-launch-operator").path("rules"))
                .flatMap(rules -> rules.valueStream())
                .filter(rule -> rule.path("apiGroups").toString().contains("trustedlaunch.io")
                        && rule.has("resourceNames")
                        && rule.path("verbs").toString().equals("[\"create\",\"patch\"]"))
                .map(rule -> rule.path("resourceNames").toString())
                .sorted()
                .toList()
                .toString()
                .replace(", ", ",");
    }

    @Test
    void metricsAreReadByOneMonitor() {
        assertThat(of(render("operator.serviceMonitor.enabled=true"), "ServiceMonitor"))
                .hasSize(1);
        assertThat(of(render("operator.podMonitor.enabled=true", "operator.metricsService=false"), "PodMonitor"))
                .hasSize(1);
        assertThatThrownBy(
                        () -> Helm.render("operator.podMonitor.enabled=true", "operator.serviceMonitor.enabled=true"))
                .hasMessageContaining("metrics would be read twice");
        assertThatThrownBy(() -> Helm.render("operator.serviceMonitor.enabled=true", "operator.metricsService=false"))
                .hasMessageContaining("needs operator.metricsService");
        assertThat(of(render("operator.metricsPort=0"), "Service")).isEmpty();
    }

    @Test
    void alertsAreThoseOfTheFileWithoutTheDisabledOnes() throws IOException {
        JsonNode file = YAML.readTree(Files.readString(Helm.CHART.resolve("files/alerts.yaml")));
        assertThat(one(render("prometheusRule.enabled=true"), "PrometheusRule", "trusted-launch-operator")
                        .at("/spec/groups"))
                .isEqualTo(file.path("groups"));

        JsonNode some = one(
                        render(
                                "prometheusRule.enabled=true",
                                "prometheusRule.disabled={TrustedLaunchVMSecureBootOff}",
                                "prometheusRule.runbookURL=https://docs.example.org/alerts.html"),
                        "PrometheusRule",
                        "trusted-launch-operator")
                .at("/spec/groups");
        assertThat(some.findValuesAsText("alert"))
                .containsExactlyElementsOf(file.findValuesAsText("alert").stream()
                        .filter(alert -> !alert.equals("TrustedLaunchVMSecureBootOff"))
                        .toList());
        assertThat(some.at("/0/rules/0/annotations/runbook_url").asText())
                .isEqualTo("https://docs.example.org/alerts.html#trustedlaunchvmgueststatenotsealed");
        assertThatThrownBy(() -> Helm.render("prometheusRule.enabled=true", "prometheusRule.disabled={TrustedLaunchX}"))
                .hasMessageContaining("no alert is called so");
        assertThat(of(render(), "PrometheusRule")).isEmpty();
    }

    @Test
    void theDashboardIsTheFile() throws IOException {
        JsonNode dashboard = one(
                render("dashboards.enabled=true", "dashboards.namespace=monitoring"),
                "ConfigMap",
                "trusted-launch-dashboard-trusted-launch");
        assertThat(dashboard.at("/metadata/namespace").asText()).isEqualTo("monitoring");
        assertThat(dashboard.at("/metadata/labels/grafana_dashboard").asText()).isEqualTo("1");
        assertThat(dashboard.at("/data").path("trusted-launch.json").asText())
                .isEqualTo(Files.readString(Helm.CHART.resolve("files/dashboards/trusted-launch.json")));
    }

    @Test
    void agentsServeMetricsToClientsOfTheAuthorityThatIsInTheHostsRoot() {
        List<JsonNode> manifests = render("agent.metrics.port=16518", AUTHORITY);
        JsonNode pod = one(manifests, "DaemonSet", "trusted-launch-agent").at("/spec/template/spec");

        assertThat(values(pod.at("/containers/0/args")))
                .containsSubsequence(
                        "--metrics-port", "16518", "--metrics-client-ca", "/run/trusted-launch/metrics/ca.crt");
        assertThat(pod.at("/containers/0/ports").toString()).contains("{\"name\":\"metrics\",\"containerPort\":16518}");
        assertThat(pod.at("/containers/0/volumeMounts").valueStream())
                .as("a folder, so that a changed ConfigMap is seen")
                .anySatisfy(mount -> assertThat(mount.toString())
                        .isEqualTo("{\"name\":\"metrics\",\"mountPath\":\"/host/run/trusted-launch/metrics\","
                                + "\"readOnly\":true}"));
        assertThat(pod.at("/volumes").toString())
                .contains("{\"name\":\"metrics\",\"configMap\":{\"name\":\"trusted-launch-metrics-clients\"}}");
        assertThat(one(manifests, "ConfigMap", "trusted-launch-metrics-clients")
                        .at("/data/ca.crt")
                        .asText())
                .startsWith("-----BEGIN CERTIFICATE-----\nTUlJ\n");
    }

    @Test
    void agentsServeNoMetricsByDefault() {
        List<JsonNode> manifests = render(AUTHORITY);

        assertThat(one(manifests, "DaemonSet", "trusted-launch-agent").toString())
                .doesNotContain("metrics");
        assertThat(manifests.toString()).doesNotContain("trusted-launch-metrics-clients");
    }

    @Test
    void theMonitorOfAgentsHasItsCertificateAndVerifiesNodesByTheirNames() {
        String[] enabled = {
            "agent.metrics.port=16518",
            AUTHORITY,
            "agent.metrics.podMonitor.enabled=true",
            "agent.metrics.podMonitor.clientSecret=prometheus",
            "agent.metrics.podMonitor.labels.release=mine"
        };
        JsonNode monitor = one(render(enabled), "PodMonitor", "trusted-launch-agent");
        JsonNode endpoint = monitor.at("/spec/podMetricsEndpoints/0");

        assertThat(monitor.at("/metadata/labels/release").asText()).isEqualTo("mine");
        assertThat(monitor.at("/spec/selector/matchLabels/app.kubernetes.io~1component")
                        .asText())
                .isEqualTo("agent");
        assertThat(endpoint.path("scheme").asText()).isEqualTo("https");
        assertThat(endpoint.path("tlsConfig").toString())
                .isEqualTo("{\"ca\":{\"configMap\":{\"name\":\"" + PublishedAuthority.NODES + "\",\"key\":\""
                        + PublishedAuthority.CERTIFICATE + "\"}},"
                        + "\"cert\":{\"secret\":{\"name\":\"prometheus\",\"key\":\"tls.crt\"}},"
                        + "\"keySecret\":{\"name\":\"prometheus\",\"key\":\"tls.key\"},"
                        + "\"insecureSkipVerify\":false}");
        assertThat(endpoint.at("/relabelings/0").toString())
                .contains("__meta_kubernetes_pod_node_name", "__address__", "$1:16518");

        JsonNode unverified = one(
                        render(Stream.concat(
                                        Stream.of(enabled),
                                        Stream.of("agent.metrics.podMonitor.insecureSkipVerify=true"))
                                .toArray(String[]::new)),
                        "PodMonitor",
                        "trusted-launch-agent")
                .at("/spec/podMetricsEndpoints/0");
        assertThat(unverified.at("/tlsConfig/insecureSkipVerify").asBoolean()).isTrue();
        assertThat(unverified.has("relabelings")).isFalse();
    }

    @Test
    void whatMetricsOfAgentsNeedIsSaid() {
        assertThatThrownBy(() -> Helm.render("agent.metrics.port=16518"))
                .hasMessageContaining("agent.metrics.port needs agent.metrics.clientCA");
        assertThatThrownBy(() -> Helm.render("agent.metrics.port=16517", AUTHORITY))
                .hasMessageContaining("agent.metrics.port and agent.healthPort are the same");
        assertThatThrownBy(() -> Helm.render("agent.metrics.podMonitor.enabled=true"))
                .hasMessageContaining("agent.metrics.podMonitor needs agent.metrics.port");
        assertThatThrownBy(() ->
                        Helm.render("agent.metrics.port=16518", AUTHORITY, "agent.metrics.podMonitor.enabled=true"))
                .hasMessageContaining("agent.metrics.podMonitor needs clientSecret");
        assertThatThrownBy(() -> Helm.render(
                        "agent.metrics.port=16518", "agent.metrics.clientCA=-----BEGIN PRIVATE KEY-----\nsecret\n"))
                .hasMessageContaining("agent.metrics.clientCA contains a private key")
                .message()
                .doesNotContain("values don't meet");
    }

    @Test
    void operatorsAndAgentsHaveTheFormatOfTheLog() {
        assertThat(values(operator().at("/containers/0/args"))).contains("--log-format=text");
        assertThat(values(operator("logFormat=json").at("/containers/0/args"))).contains("--log-format=json");
        assertThat(values(agent("logFormat=json").at("/containers/0/args")))
                .containsSubsequence("--log-format", "json");
    }

    @Test
    void operatorsAndAgentsHaveTheLevelsOfLoggers() {
        String level = "logLevels.io\\.trustedlaunch\\.agent=debug";
        assertThat(values(operator(level).at("/containers/0/args")))
                .contains("--log-level=io.trustedlaunch.agent=debug");
        assertThat(values(agent(level).at("/containers/0/args")))
                .containsSubsequence("--log-level", "io.trustedlaunch.agent=debug");
    }

    private static List<String> values(JsonNode array) {
        return array.valueStream().map(JsonNode::asText).toList();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            logFormat=xml,                                logFormat
            logLevels.root=loud,                          logLevels
            logLevels.audit=off,                          logLevels
            agent.metrics.port=16515,                     agent/metrics/port
            agent.healthPort=16516,                       agent/healthPort
            agent.healthPort=0,                           agent/healthPort
            agent.metrics.clientCA=mine,                  clientCA
            agent.metrics.podMonitor.secret=mine,         secret
            operator.image=mine,                          operator/image
            operator.image.digest=sha256:12,              operator/image/digest
            agent.imagePullPolicy=Never,                  imagePullPolicy
            crds.install=true,                            install
            operator.podDisruptionBudget.maxUnavailable=0, maxUnavailable
            commonLabels.app\\.kubernetes\\.io/name=mine, commonLabels
            """)
    void anUnknownOrWrongValueIsRefused(String value, String named) {
        assertThatThrownBy(() -> Helm.render(value))
                .hasMessageContaining("values don't meet the specifications of the schema")
                .satisfies(e -> assertThat(e.getMessage().replace('.', '/')).contains(named));
    }

    @Test
    void theFencerIsInstalledIfAskedFor() {
        assertThat(render())
                .noneMatch(object -> object.at("/metadata/name").asText().contains("fencer")
                        && !object.path("kind").asText().equals("CustomResourceDefinition"));
        List<JsonNode> without = render("fencing.enabled=true", "fencing.fencer.enabled=false");
        assertThat(of(without, "Deployment")
                        .map(object -> object.at("/metadata/name").asText()))
                .containsExactly("trusted-launch-operator");
        assertThat(one(without, "Role", "trusted-launch-fencer").path("rules")).isNotEmpty();
    }

    @Test
    void theFencerIsAloneInItsNamespace() {
        List<JsonNode> manifests = render("fencing.enabled=true", "fencing.namespace=power");
        assertThat(manifests.stream()
                        .filter(object ->
                                object.at("/metadata/namespace").asText().equals("power"))
                        .map(object -> object.path("kind").asText() + " "
                                + object.at("/metadata/name").asText()))
                .containsExactlyInAnyOrder(
                        "ServiceAccount trusted-launch-fencer",
                        "Role trusted-launch-fencer",
                        "RoleBinding trusted-launch-fencer",
                        "Deployment trusted-launch-fencer",
                        "PodDisruptionBudget trusted-launch-fencer",
                        "NetworkPolicy trusted-launch-fencer");
        JsonNode pod = one(manifests, "Deployment", "trusted-launch-fencer").at("/spec/template/spec");
        assertThat(pod.at("/containers/0/args").toString()).contains("\"fencer\"", "--namespace=power");
        assertThat(pod.at("/containers/0/image").asText()).startsWith("trusted-launch-fencer:");
        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod.at("/containers/0/securityContext").toString())
                .isEqualTo("{\"allowPrivilegeEscalation\":false,\"readOnlyRootFilesystem\":true,"
                        + "\"capabilities\":{\"drop\":[\"ALL\"]}}");
        JsonNode namespace = one(manifests, "Namespace", "power");
        assertThat(namespace
                        .at("/metadata/annotations/helm.sh~1resource-policy")
                        .asText())
                .isEqualTo("keep");
        assertThat(of(render("fencing.enabled=true", "fencing.createNamespace=false"), "Namespace"))
                .isEmpty();
    }

    @Test
    void theOperatorNeverReadsThePasswordsOfManagementControllers() {
        assertThatThrownBy(() -> Helm.render("fencing.enabled=true", "fencing.namespace=trusted-launch-system"))
                .hasMessageContaining("fencing.namespace is the release's namespace");
        assertThatThrownBy(() -> Helm.render("fencing.enabled=true", "secrets.readAllNamespaces=true"))
                .hasMessageContaining("secrets.readAllNamespaces lets the operator read the passwords");
    }

    @Test
    void whatHelmTestMakesIsRemoved() {
        assertThat(render().stream()
                        .filter(object -> object.at("/metadata/annotations/helm.sh~1hook")
                                .asText()
                                .equals("test")))
                .hasSize(4)
                .allSatisfy(
                        object -> assertThat(Optional.of(object.at("/metadata/annotations/helm.sh~1hook-delete-policy")
                                                .asText())
                                        .get())
                                .contains("hook-succeeded", "hook-failed"));
    }
}
