package io.trustedlaunch.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.testkit.BusyboxImage;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Lab;
import io.trustedlaunch.testkit.Lab.CommandResult;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A lab with kubelets behaves as the clusters that users have, in what the product and the tests of its pods rely on. The pods
 * are no part of the product.
 */
@Tag("cluster")
class KubeletsE2E {
    private static final String NAMESPACE = Cluster.uniqueName("kubelets");
    private static final List<String> NODES = List.of("host-a", "host-b", "node-c");

    /** {@code web} has the network of pods, {@code host} that of its node; {@code single} has one pod. */
    private static final String WORKLOADS = """
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: web}
            spec:
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                  - name: web
                    image: %1$s
                    imagePullPolicy: Never
                    args: [-c, "mkdir /tmp/www; echo $NODE >/tmp/www/node; echo serving; exec httpd -f -p 8080 -h /tmp/www"]
                    env: [{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]
                    readinessProbe: {httpGet: {port: 8080, path: /node}, periodSeconds: 1}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
            ---
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: host}
            spec:
              selector: {matchLabels: {app: host}}
              template:
                metadata: {labels: {app: host}}
                spec:
                  terminationGracePeriodSeconds: 1
                  hostNetwork: true
                  containers:
                  - name: host
                    image: %1$s
                    imagePullPolicy: Never
                    args: [-c, "exec sleep 86400"]
                    securityContext: {readOnlyRootFilesystem: true, seccompProfile: {type: RuntimeDefault}}
                    volumeMounts: [{name: root, mountPath: /host, mountPropagation: HostToContainer}]
                  volumes: [{name: root, hostPath: {path: /, type: Directory}}]
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: single}
            spec:
              selector: {matchLabels: {app: single}}
              template:
                metadata: {labels: {app: single}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                  - {name: single, image: %1$s, imagePullPolicy: Never, args: [-c, exec sleep 86400]}
            """.formatted(BusyboxImage.NAME);

    private static final Lab LAB = Lab.fromEnvironment();
    private static final KubernetesClient CLIENT =
            new KubernetesClientBuilder().withConfig(Cluster.administrator()).build();

    @BeforeAll
    static void startPods(@TempDir Path folder) throws IOException {
        BusyboxImage.loadInto(LAB, folder);
        CLIENT.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        CLIENT.load(new ByteArrayInputStream(WORKLOADS.getBytes(UTF_8)))
                .inNamespace(NAMESPACE)
                .create();
        awaitAllReady();
    }

    @AfterAll
    static void removePods() {
        CLIENT.namespaces().withName(NAMESPACE).delete();
        CLIENT.close();
    }

    @Test
    void theAddressOfAServiceReachesItsPodsOnAllNodesFromEachNode() {
        String address = CLIENT.services()
                .inNamespace(NAMESPACE)
                .withName("web")
                .get()
                .getSpec()
                .getClusterIP();
        for (Pod pod : Stream.concat(pods("web"), pods("host")).toList()) {
            await("answers of all nodes to " + pod.getMetadata().getName())
                    .atMost(Cluster.TIMEOUT)
                    .until(() -> answers(pod, address).containsAll(NODES));
        }
    }

    /** The nodes that answer one of twenty requests. */
    private static List<String> answers(Pod pod, String address) {
        String request = "printf 'GET /node HTTP/1.0\\r\\n\\r\\n' | nc -w 5 " + address + " 80";
        return exec(pod, "for i in $(seq 20); do " + request + "; done; true")
                .lines()
                .filter(NODES::contains)
                .distinct()
                .toList();
    }

    @Test
    void theApiServerAnswersAtItsServiceAddress() {
        for (Pod pod : Stream.concat(pods("web"), pods("host")).toList()) {
            assertThat(exec(pod, "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 $KUBERNETES_SERVICE_HOST 443"))
                    .contains("Client sent an HTTP request to an HTTPS server");
        }
    }

    @Test
    void kubectlShowsWhatPodsWrite() {
        for (Pod pod : pods("web").toList()) {
            assertThat(LAB.kubectl("logs", "-n", NAMESPACE, pod.getMetadata().getName())
                            .orFail())
                    .isEqualTo("serving\n");
        }
    }

    @Test
    void aPodSeesWhatItsNodeMountsLater() {
        for (Pod pod : pods("host").toList()) {
            String node = pod.getSpec().getNodeName();
            LAB.exec(node, "mount", "-t", "tmpfs", "later", "/var/lib/trusted-launch");
            try {
                assertThat(exec(pod, "cat /proc/mounts")).contains("later /host/var/lib/trusted-launch tmpfs");
            } finally {
                LAB.exec(node, "umount", "/var/lib/trusted-launch");
            }
        }
    }

    @Test
    void aKubeletMayNotApproveItsNode() {
        Path kubeconfig = LAB.folder().resolve("kubeconfig/kubelet-host-a.kubeconfig");
        CommandResult approval = LAB.kubectl(
                "--kubeconfig",
                kubeconfig.toString(),
                "label",
                "--overwrite",
                "node",
                "host-a",
                Enrolment.LABEL + "=yes");
        assertThat(approval.exitCode()).isNotZero();
        assertThat(approval.output()).contains("is not allowed to modify labels: " + Enrolment.LABEL);
    }

    @Test
    void aDrainedNodeKeepsThePodsOfDaemonSetsOnly() {
        String node = pods("single").findFirst().orElseThrow().getSpec().getNodeName();
        try {
            LAB.kubectl("drain", node, "--ignore-daemonsets", "--timeout=2m").orFail();
            awaitAllReady();
            assertThat(pods("single"))
                    .extracting(pod -> pod.getSpec().getNodeName())
                    .doesNotContain(node);
            assertThat(pods("web"))
                    .extracting(pod -> pod.getSpec().getNodeName())
                    .contains(node);
        } finally {
            LAB.kubectl("uncordon", node).orFail();
        }
    }

    @Test
    void thePodsOfANodeRunAgainAfterAPowerCut() {
        LAB.run("host", "node-c", "crash").orFail();
        LAB.run("host", "node-c", "start").orFail();
        await("the pods of node-c to run again")
                .atMost(Cluster.TIMEOUT)
                .until(() -> Stream.of("web", "host")
                        .flatMap(KubeletsE2E::pods)
                        .filter(pod -> pod.getSpec().getNodeName().equals("node-c"))
                        .allMatch(pod -> Readiness.isPodReady(pod)
                                && pod.getStatus()
                                                .getContainerStatuses()
                                                .getFirst()
                                                .getRestartCount()
                                        == 1));
    }

    private static void awaitAllReady() {
        await("one pod on each node, and the single one")
                .atMost(Cluster.TIMEOUT)
                .untilAsserted(() -> {
                    for (String app : List.of("web", "host")) {
                        assertThat(pods(app).filter(Readiness::isPodReady))
                                .extracting(pod -> pod.getSpec().getNodeName())
                                .containsExactlyInAnyOrderElementsOf(NODES);
                    }
                    assertThat(pods("single")).singleElement().matches(Readiness::isPodReady);
                });
    }

    private static Stream<Pod> pods(String app) {
        return CLIENT.pods().inNamespace(NAMESPACE).withLabel("app", app).list().getItems().stream();
    }

    private static String exec(Pod pod, String script) {
        return LAB.kubectl("exec", "-n", NAMESPACE, pod.getMetadata().getName(), "--", "/bin/sh", "-c", script)
                .orFail();
    }
}
