package io.trustedlaunch.operator;

import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.cli.operator.OperatorMain;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.FailpointFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * An operator in its own process, with the permissions that it has in production. All tests of a class share it; it is
 * started again after a test that ended it.
 */
final class OperatorUnderTest implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {
    private static final String ACCOUNT = "trusted-launch-operator";
    private static final Duration PATIENCE = Cluster.TIMEOUT;
    /** A file with the arguments of a JVM. */
    private static final String PACKAGED = "trustedlaunch.operator";

    private final Cluster cluster;
    private final Path folder;
    private final List<String> arguments;
    private Process process;
    private int metricsPort;

    /**
     * @param name of the folder with its log, which is kept
     * @param arguments besides those that every operator has
     */
    OperatorUnderTest(Cluster cluster, String name, String... arguments) {
        this.cluster = cluster;
        this.arguments = List.of(arguments);
        this.folder = Path.of("target", "operator-it", Cluster.uniqueName(name)).toAbsolutePath();
    }

    /** A new leader waits for all nodes, also for those of an earlier class whose operator registered them again. */
    @Override
    public void beforeAll(ExtensionContext context) {
        cluster.admin().resources(ClusterNode.class).delete();
        start();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        start();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        kill();
    }

    /** Does nothing if it is running. */
    void start() {
        if (process != null && process.isAlive()) {
            return;
        }
        try {
            Files.createDirectories(folder);
            Path kubeconfig = folder.resolve("operator.kubeconfig");
            Files.writeString(
                    kubeconfig, cluster.kubeconfigWith(cluster.token(Cluster.NAMESPACE, ACCOUNT, Optional.empty())));
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC"));
            command.addAll(product());
            metricsPort = freePort();
            command.addAll(List.of(
                    "operator",
                    "--metrics-port",
                    Integer.toString(metricsPort),
                    "--namespace",
                    Cluster.NAMESPACE,
                    "--default-storage-location",
                    "--default-image-eligibility-policy",
                    "--failpoints",
                    failpoints().path().toString()));
            command.addAll(arguments);
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().put("KUBECONFIG", kubeconfig.toString());
            builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The packaged operator if {@code bin/test} asks for it, which starts faster; otherwise from the class path. */
    static List<String> product() {
        String packaged = System.getProperty(PACKAGED);
        return packaged != null
                ? List.of("@" + packaged)
                : List.of(
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        OperatorMain.class.getName());
    }

    /** The process dies when it reaches the point next. */
    void arm(Failpoint point) {
        failpoints().arm(point);
    }

    void awaitDeath() {
        await("the operator to die").atMost(PATIENCE).until(() -> !process.isAlive());
        endLeadership();
    }

    /** So that its successor does not wait for the Lease to expire; {@code LeadershipE2E} tests that only one leads. */
    private void endLeadership() {
        cluster.admin()
                .leases()
                .inNamespace(Cluster.NAMESPACE)
                .withName(OperatorProcess.LEASE)
                .delete();
    }

    /** As a kubelet ends it. */
    void terminate() {
        process.destroy();
        process.onExit().join();
    }

    String logged() {
        try {
            return Files.exists(log()) ? Files.readString(log()) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a scrape gets. */
    String metrics() throws IOException {
        try (InputStream answer = URI.create("http://127.0.0.1:" + metricsPort + "/metrics")
                .toURL()
                .openStream()) {
            return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    private FailpointFolder failpoints() {
        return new FailpointFolder(folder.resolve("failpoints"));
    }

    private Path log() {
        return folder.resolve("operator.log");
    }

    void kill() {
        process.destroyForcibly();
        process.onExit().join();
        endLeadership();
    }
}
