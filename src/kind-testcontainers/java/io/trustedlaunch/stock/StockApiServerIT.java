package io.trustedlaunch.stock;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.dajudge.kindcontainer.ApiServerContainer;
import com.dajudge.kindcontainer.ApiServerContainerVersion;
import com.dajudge.kindcontainer.KubernetesImageSpec;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;

/**
 * Installs the chart on an API server with the flags that other people chose, and runs tests of its definitions, policies and
 * roles there. Needs Docker, and helm in the path.
 */
class StockApiServerIT {
    /** The version that the lab has; Testcontainers pulls it if it is not there. */
    private static final String IMAGE = "registry.k8s.io/kube-apiserver:v1.37.2";

    @TempDir
    private Path folder;

    @Test
    void theChartInstallsAndRefusesAsItDoesInTheLab() throws Exception {
        assumeTrue(
                DockerClientFactory.instance().isDockerAvailable(),
                "a stock API server was not tested: no Docker daemon runs here");
        KubernetesImageSpec<ApiServerContainerVersion> image =
                new KubernetesImageSpec<>(ApiServerContainerVersion.VERSION_1_34_1);
        try (ApiServerContainer<?> server = new ApiServerContainer<>(image.withImage(IMAGE))) {
            // It is started before its etcd, and ends after twenty seconds without it: on a busy machine too soon.
            server.withControlPlaneReadyTimeout(Duration.ofMinutes(1))
                    .withStartupAttempts(5)
                    .start();
            makeNamespace(server.getKubeconfig());
            runTests(server.getKubeconfig());
        }
    }

    /** With the account that pods have by default, which the controller manager would make. */
    private static void makeNamespace(String kubeconfig) {
        try (KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(kubeconfig))
                .build()) {
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(Cluster.NAMESPACE)
                            .endMetadata()
                            .build())
                    .create();
            client.resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withNamespace(Cluster.NAMESPACE)
                            .withName("default")
                            .endMetadata()
                            .build())
                    .create();
        }
    }

    /** In another process, whose environment names the API server for helm and for the tests. */
    private void runTests(String kubeconfig) throws Exception {
        Path file = Files.writeString(folder.resolve("kubeconfig"), kubeconfig);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "io.trustedlaunch.testkit.Lane",
                // Of Kubernetes' controllers none runs here: none fills its roles, or deletes what is in a namespace.
                "--without-tag",
                "controllers",
                "--reports",
                folder.resolve("reports").toString()));
        command.addAll(tests());
        new Program(Map.of("KUBECONFIG", file.toString())).run(command.toArray(String[]::new));
    }

    /** Those of the definitions, and all of roles and policies. */
    private static List<String> tests() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/test/java/io/trustedlaunch/access"))) {
            Stream<String> access = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("IT.java"))
                    .map(name -> "io.trustedlaunch.access." + name.replace(".java", ""));
            return Stream.concat(Stream.of("io.trustedlaunch.api.SchemaIT"), access)
                    .sorted()
                    .toList();
        }
    }
}
