package io.trustedlaunch.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.processing.GroupVersionKind;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.trustedlaunch.agent.metrics.AgentMeters;
import io.trustedlaunch.agent.metrics.HostMetrics;
import io.trustedlaunch.agent.metrics.SampleHost;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.operator.incarnation.OrphanReconciler;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.metrics.FenceMetrics;
import io.trustedlaunch.operator.metrics.OperatorMeters;
import io.trustedlaunch.operator.metrics.OperatorMetersTest;
import io.trustedlaunch.operator.metrics.SampleCluster;
import io.trustedlaunch.operator.metrics.SdkMetrics;
import io.trustedlaunch.process.ApiWrites;
import io.trustedlaunch.process.ApiWritesTest;
import io.trustedlaunch.testkit.Golden;
import io.trustedlaunch.testkit.Vms;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The document has what a scrape has, since it is made from one in which every metric has a value. */
class MetricsDocTest {
    private static final List<String> FAMILIES_OF_THE_JVM = List.of("jvm_", "process_", "system_");
    private static final String OURS = "trusted_launch_";
    private static final String OF_THE_SDK = "operator_sdk_";

    private final ProcessMetrics operator = new ProcessMetrics(SdkMetrics.filters());
    private final ProcessMetrics agent = new ProcessMetrics();

    @Test
    void theCommittedDocumentIsTheGeneratedOne() throws Exception {
        operator.add(new ComputedMetrics(new SampleCluster().fill().metrics(true)));
        OperatorMeters meters = new OperatorMeters(operator.registry(), () -> true, () -> true);
        operator.add(new ComputedMetrics(
                new FenceMetrics(() -> true, () -> List.of(OperatorMetersTest.fence(Phase.Fencing, "12:00:00")))));
        meters.changed(
                OperatorMetersTest.fence(Phase.Fencing, "12:00:00"),
                OperatorMetersTest.fence(Phase.Proved, "12:00:07").getStatus());
        new AuditedActs(operator.registry()).accept(AuditedActsTest.released());
        meters.ended(OperatorMetersTest.ended(9L, Reason.Migrated, "12:00:04"));
        new OrphanReconciler(noting(ApiReader.class), noting(ResourceWriter.class)).bindTo(operator.registry());
        exerciseSdk(SdkMetrics.in(operator.registry()));
        new SampleHost().addTo(agent);
        agent.add(new ComputedMetrics(new HostMetrics(
                Map.of("migration", OptionalInt::empty), () -> Map.of(CertificatePurpose.QEMU, Instant.EPOCH))));
        new AgentMeters(agent.registry()).step("Prepare", Duration.ofMillis(600));
        ApiWrites writes = ApiWritesTest.oneWrite();
        operator.add(new ComputedMetrics(new ApiWriteMetrics(writes)));
        agent.add(new ComputedMetrics(new ApiWriteMetrics(writes)));
        new AuditedActs(agent.registry()).accept(AuditedActsTest.released());

        ScrapedMetrics ofOperator = ScrapedMetrics.in(operator.scrape());
        ScrapedMetrics ofAgent = ScrapedMetrics.in(agent.scrape());

        assertThat(ofOperator.byName().keySet()).allMatch(name -> name.startsWith(OURS) || name.startsWith(OF_THE_SDK));
        assertThat(ofAgent.byName().keySet()).allMatch(name -> name.startsWith(OURS));
        Golden.check(Path.of("docs/metrics.md"), document(ofOperator, ofAgent));
    }

    @Test
    void everyMetricSaysWhatItMeans() {
        operator.add(new ComputedMetrics(new SampleCluster().fill().metrics(true)));
        new SampleHost().addTo(agent);

        assertThat(ScrapedMetrics.in(operator.scrape() + agent.scrape()).table().lines())
                .noneMatch(row -> row.endsWith("|  |"));
    }

    @Test
    void theJvmsMetricsAreOfTheFamiliesInTheDocument() {
        operator.measureJvm();

        assertThat(ScrapedMetrics.in(operator.scrape())
                        .only(name -> !name.startsWith(OURS))
                        .byName()
                        .keySet())
                .isNotEmpty()
                .allMatch(name -> FAMILIES_OF_THE_JVM.stream().anyMatch(name::startsWith))
                .contains(
                        "jvm_memory_used_bytes",
                        "jvm_threads_live_threads",
                        "jvm_classes_loaded_classes",
                        "jvm_gc_memory_allocated_bytes_total",
                        "process_cpu_usage",
                        "process_uptime_seconds",
                        "process_files_open_files",
                        "system_cpu_count");
    }

    private static void exerciseSdk(Metrics sdk) throws Exception {
        // It is not started, so the client connects to nothing.
        Operator controllers = new Operator(overrider -> overrider
                .withKubernetesClient(new KubernetesClientBuilder()
                        .withConfig(new ConfigBuilder(Config.empty()).build())
                        .build())
                .withMetrics(sdk));
        controllers.register(new OrphanReconciler(noting(ApiReader.class), noting(ResourceWriter.class)));
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        Map<String, Object> about = Map.of(
                Constants.CONTROLLER_NAME,
                "orphan",
                Constants.RESOURCE_GVK_KEY,
                GroupVersionKind.gvkFor(TrustedLaunchVM.class));
        sdk.eventReceived(new Event(ResourceID.fromResource(vm)), about);
        sdk.reconciliationSubmitted(vm, null, about);
        sdk.reconciliationSucceeded(vm, about);
        sdk.reconciliationFailed(vm, null, new IllegalStateException(), about);
        sdk.cleanupDone(ResourceID.fromResource(vm), about);
        sdk.timeControllerExecution(new Pass(about));
    }

    private record Pass(Map<String, Object> metadata) implements Metrics.ControllerExecution<String> {
        @Override
        public String name() {
            return "reconcile";
        }

        @Override
        public String controllerName() {
            return "vm";
        }

        @Override
        public String successTypeName(String result) {
            return "resource";
        }

        @Override
        public ResourceID resourceID() {
            return new ResourceID("payroll", "finance");
        }

        @Override
        public String execute() {
            return "";
        }
    }

    private static <T> T noting(Class<T> port) {
        return port.cast(Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, (proxy, method, all) -> {
            throw new AssertionError(method);
        }));
    }

    private static String document(ScrapedMetrics operator, ScrapedMetrics agent) {
        return """
                # Metrics

                Generated from what operator and agents serve by `bin/generate`: change a metric's text where it is made.

                Prometheus' text format, at `/metrics`. Of histograms, the table has the name without `_bucket`, `_sum` and
                `_count`; `…_max` is the greatest value of the last minutes. Names and labels are kept as
                [API stability](api-stability.md) says.

                ## Who may read them

                **The operator** serves them at `--metrics-port` (chart: `operator.metricsPort`, 8080), without TLS; the chart's
                NetworkPolicy says from where. Every replica has its JVM's and the SDK's. What is about the cluster is served by
                the leader only, so that sums over replicas are right.

                **An agent** is on its host's network, where no NetworkPolicy reaches it. By default it serves none. Set two
                options, or the values of the chart:

                | option | value of the chart | |
                |---|---|---|
                | `--metrics-port` | `agent.metrics.port` | for example 16518; 16517 is the port of its probes |
                | `--metrics-client-ca FILE` | `agent.metrics.clientCA` | certificates in PEM of the authorities whose clients may read metrics; the agent reads the file again for each connection |

                Any other client fails the TLS handshake, also another node's agent. Use an authority that issues certificates
                only to such clients: each of them can read the names of all VMs on the host, and what they use. The agent
                presents its node's certificate for the DNS name that is the node's name, of the authority in ConfigMap
                `trusted-launch-ca`:

                ```yaml
                scheme: https
                tls_config:
                  ca_file: trusted-launch-ca.crt
                  cert_file: scraper.crt
                  key_file: scraper.key
                  # Prometheus verifies one name for all targets of a job. To verify each node, remove this, and relabel
                  # __address__ to the node's name, which must resolve.
                  insecure_skip_verify: true
                ```

                With `insecure_skip_verify` an attacker on the network can forge metrics; the scraper's key stays safe. The
                chart's `agent.metrics.podMonitor` is for the Prometheus Operator. By default it connects to nodes by their
                names and verifies them.

                ## What to alert on

                [alerts.md](alerts.md) has each alert, its expression and what to do.

                ## Operator

                No series has a VM's name: ten thousand VMs make as many series as ten. `kubectl get trustedlaunch -A` says which.

                """
                + operator.only(name -> name.startsWith(OURS)).table()
                + """

                ## Operator: the SDK's controllers

                Of the Java Operator SDK, by controller or kind; also `operator_sdk_reconciliations_executions_…` and
                `operator_sdk_reconciliations_queue_size_…`, a gauge each per controller, of passes under way and waiting.

                """
                + withoutHelp(operator.only(name -> name.startsWith(OF_THE_SDK) && !name.endsWith("_orphan")))
                + """

                ## Agent

                Series of a guest have the namespace and name of its VM. They are few: as many as one host has guests. A counter
                of a guest begins anew when it starts, and when it migrates.

                """
                + agent.table()
                + """

                ## Both: the JVM's

                Micrometer's `jvm_…` (memory, buffers, garbage collection, threads, classes), `process_…` (processor time,
                open files, uptime) and `system_…` (processors and load).
                """;
    }

    private static String withoutHelp(ScrapedMetrics sdk) {
        return sdk.table().replaceAll("(?m) \\| [^|]*\\|$", " |").replace("|---|---|---|---|", "|---|---|---|");
    }
}
