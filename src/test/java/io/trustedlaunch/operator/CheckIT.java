package io.trustedlaunch.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Helm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What the pod of {@code helm test} runs, with the rights that the chart gives it. */
class CheckIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "check");

    private static final String ACCOUNT = "trusted-launch-check";

    @TempDir
    private Path folder;

    @BeforeAll
    static void createAccount() {
        Stream.of(Helm.render().split("(?m)^---$"))
                .filter(document -> document.contains("\n  name: " + ACCOUNT + "\n"))
                .filter(document -> !document.contains("\nkind: Pod\n"))
                .map(document -> (HasMetadata) Serialization.unmarshal(document))
                .forEach(CLUSTER::create);
    }

    @Test
    void itSucceedsOnlyWhileAnOperatorLeads() throws IOException, InterruptedException {
        assertThat(check("--timeout-seconds=120")).matches("0 operator [0-9a-f-]+ leads");
        OPERATOR.terminate();
        assertThat(check("--timeout-seconds=2")).startsWith("1 no operator has renewed Lease trusted-launch-operator");
    }

    /** Exit code and last line. */
    private String check(String timeout) throws IOException, InterruptedException {
        Path kubeconfig = Files.writeString(
                folder.resolve("kubeconfig"),
                CLUSTER.kubeconfigWith(CLUSTER.token(Cluster.NAMESPACE, ACCOUNT, Optional.empty())));
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1"));
        command.addAll(OperatorUnderTest.product());
        command.addAll(List.of("check", "--namespace=" + Cluster.NAMESPACE, timeout));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        Process process = builder.start();
        List<String> output = new String(process.getInputStream().readAllBytes(), UTF_8)
                .lines()
                .toList();
        return process.waitFor() + " " + output.getLast();
    }
}
