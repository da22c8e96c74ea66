package io.trustedlaunch.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The pod of the agent, as the chart installs it by default. */
class AgentPodTest {
    private static final String ROOT = "/host";
    private static final String IMAGE = "/run/trusted-launch/image";

    private final PodSpec pod = pod();
    private final Container agent = pod.getContainers().getFirst();

    @Test
    void itIsNotPrivilegedAndHasTheCapabilitiesThatTheDocumentLists() throws IOException {
        SecurityContext context = agent.getSecurityContext();

        assertThat(context.getPrivileged()).isNull();
        assertThat(context.getAllowPrivilegeEscalation()).isFalse();
        assertThat(context.getReadOnlyRootFilesystem()).isTrue();
        assertThat(context.getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(new TreeSet<>(context.getCapabilities().getAdd())).isEqualTo(documented());
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(pod.getInitContainers()
                        .getFirst()
                        .getSecurityContext()
                        .getCapabilities()
                        .getAdd())
                .isNullOrEmpty();
    }

    @Test
    void whatTheJvmOpensLateHasOnePathInBothRoots() {
        assertThat(mounts()).containsEntry(ROOT, "host");
        assertThat(mounts().get(IMAGE)).isEqualTo(mounts().get(ROOT + IMAGE)).isNotNull();
        assertThat(agent.getCommand())
                .contains(
                        IMAGE + "/jre/bin/java",
                        "-Djava.io.tmpdir=" + IMAGE,
                        "-Djdk.lang.Process.launchMechanism=FORK");
        assertThat(agent.getArgs()).containsSubsequence("agent", "--host-root", ROOT);
    }

    @Test
    void itHasItsOwnTokenAndNeverTheAdministratorsKubeconfigOfTheHost() {
        Map<String, String> environment = new HashMap<>();
        for (EnvVar variable : agent.getEnv()) {
            environment.put(variable.getName(), variable.getValue());
        }

        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(environment).containsEntry("KUBERNETES_AUTH_TRYKUBECONFIG", "false");
        for (String variable : List.of("KUBERNETES_AUTH_SERVICEACCOUNT_TOKEN", "KUBERNETES_CERTS_CA_FILE")) {
            Path file = Path.of(environment.get(variable));
            assertThat(mounts()).as(variable).containsEntry(ROOT + file.getParent(), "kubernetes");
        }
    }

    @Test
    void ofItsPortsOnTheHostsNetworkNoneIsForMetricsByDefault() {
        assertThat(pod.getHostNetwork()).isTrue();
        assertThat(agent.getPorts().stream().map(ContainerPort::getContainerPort))
                .containsExactly(16515, 16516);
        assertThat(agent.getArgs()).doesNotContain("--metrics-port", "--metrics-client-ca");
        assertThat(pod.getVolumes().stream().map(Volume::getName)).doesNotContain("metrics");
    }

    private Map<String, String> mounts() {
        return agent.getVolumeMounts().stream()
                .collect(Collectors.toMap(VolumeMount::getMountPath, VolumeMount::getName));
    }

    /** In the table of docs/nodes.md. */
    private static TreeSet<String> documented() throws IOException {
        String section = Files.readString(Path.of("docs/nodes.md"))
                .split("\\| capability \\|", 2)[1]
                .split("\n\n", 2)[0];
        return Pattern.compile("`([A-Z_]+)`")
                .matcher(section)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static PodSpec pod() {
        try {
            String installed = Files.readString(Path.of("deploy/trusted-launch-operator.yaml"));
            return Arrays.stream(installed.split("\n---\n"))
                    .filter(object -> object.contains("\nkind: DaemonSet\n"))
                    .map(object -> new KubernetesSerialization().unmarshal(object, DaemonSet.class))
                    .findFirst()
                    .orElseThrow()
                    .getSpec()
                    .getTemplate()
                    .getSpec();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
