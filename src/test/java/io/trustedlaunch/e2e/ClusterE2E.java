package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.incarnation.VMMigrationStatus.Phase;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.testkit.AuditLog;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Helm;
import io.trustedlaunch.testkit.Lab;
import io.trustedlaunch.testkit.Program;
import io.trustedlaunch.testkit.ServerCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The product as users have it: its images, installed by helm, in pods of nodes with kubelets. */
@Tag("cluster")
class ClusterE2E {
    private static final String PAYROLL = "payroll";
    private static final int METRICS_PORT = 16518;

    private final Lab lab = Lab.fromEnvironment();
    private final UsedRights rights = UsedRights.from(new AuditLog(lab.auditLog()));

    @Test
    void aGuestOutlivesAnUpgradeADrainTheEndOfPodsAPowerCutAndANewInstallation(@TempDir Path folder) throws Exception {
        ServerCertificate scraper = ServerCertificate.make(folder.resolve("scraper"), 2);
        EarlierVersion earlier = EarlierVersion.named();
        load(folder, "--revision", earlier.revision(), "--tag", EarlierVersion.TAG);
        load(folder, "--built");
        lab.hosts()
                .forEach(host -> lab.kubectl("label", "node", host, Enrolment.LABEL + "=" + Enrolment.APPROVED)
                        .orFail());
        Helm.installWorkloads(
                Cluster.NAMESPACE,
                earlier.chart(folder),
                "agent.extraArgs={--allow-emulation}",
                "operator.image.tag=" + EarlierVersion.TAG,
                "agent.image.tag=" + EarlierVersion.TAG);
        try (Stage stage = Stage.open("cluster")) {
            awaitNodes(stage);
            stage.commands("init", "nv-write 5ca1ab1e", "counter");
            stage.create(stage.vm(PAYROLL).userData("init"));
            TrustedLaunchVM first = stage.awaitRunning(PAYROLL);
            String uid = first.identity();
            stage.awaitBoots(uid, 1);
            stage.awaitReason(PAYROLL, ConditionType.Migratable, Reason.Migratable);

            upgradeOperators(stage, scraper);
            drain(stage, first);
            new SharedMemory(stage, lab.otherHost(stage.get(PAYROLL).getStatus().nodeName())).isGivenOnce();
            migrateBetweenVersions(stage);
            upgradeAgentsDuringAMigration(stage);
            for (String host : lab.hosts()) {
                awaitMetrics(stage, host, scraper, folder);
            }
            OtherKinds others = new OtherKinds(stage);
            others.getTheirStatus(PAYROLL);
            others.maintenanceIsRemembered(lab.hosts().getFirst());
            others.aFalseStatementIsContradicted(lab.hosts().getFirst());
            endPodsDuringAMigration(stage);
            assertThat(stage.console(uid).split("PROOF boot=", -1))
                    .as("it was never started again")
                    .hasSize(2);

            failOver(stage);
            stage.awaitBoots(uid, 2);
            installAnew(stage);
            assertThat(stage.awaitRunning(PAYROLL).getStatus().vTPM())
                    .isEqualTo(first.getStatus().vTPM());
            others.aRestoreIsGivenUp(PAYROLL);
        }
        rights.assertAllUsed();
    }

    /** Builds images, and loads them into all nodes. */
    private void load(Path folder, String... arguments) throws IOException, InterruptedException {
        Path archive = folder.resolve("images.tar");
        Program.plain()
                .run(Stream.concat(Stream.of("bin/images", "--archive", archive.toString()), Stream.of(arguments))
                        .toArray(String[]::new));
        lab.run("images", archive.toString()).orFail();
    }

    private void awaitNodes(Stage stage) {
        await("both hosts to be ready")
                .atMost(Stage.TIMEOUT)
                .until(() -> lab.hosts().stream()
                        .allMatch(host -> stage.client
                                                .resources(ClusterNode.class)
                                                .withName(host)
                                                .get()
                                        != null
                                && stage.nodeCondition(host, ConditionType.Ready)
                                        .filter(ready -> ready.getStatus().equals("True"))
                                        .isPresent()));
    }

    /** The client and the agent verify each other. */
    private void awaitMetrics(Stage stage, String host, ServerCertificate scraper, Path folder) throws IOException {
        Path authority = Files.writeString(
                folder.resolve("nodes.crt"),
                stage.client
                        .configMaps()
                        .inNamespace(Cluster.NAMESPACE)
                        .withName(PublishedAuthority.NODES)
                        .get()
                        .getData()
                        .get(PublishedAuthority.CERTIFICATE));
        String address = stage.client
                .resources(ClusterNode.class)
                .withName(host)
                .get()
                .getStatus()
                .address();
        await("the metrics of the agent on " + host)
                .atMost(Stage.TIMEOUT)
                .untilAsserted(() -> assertThat(lab.exec(
                                host,
                                "curl",
                                "--silent",
                                "--show-error",
                                "--max-time",
                                "30",
                                "--resolve",
                                host + ":" + METRICS_PORT + ":" + address,
                                "--cacert",
                                authority.toString(),
                                "--cert",
                                scraper.folder().resolve("server.crt").toString(),
                                "--key",
                                scraper.folder().resolve("server.key").toString(),
                                "https://" + host + ":" + METRICS_PORT + "/metrics"))
                        .contains("\ntrusted_launch_agent_libvirt_up 1.0\n", "\nprocess_files_open_files "));
    }

    private void drain(Stage stage, TrustedLaunchVM vm) {
        String uid = vm.identity();
        String node = vm.getStatus().nodeName();
        lab.kubectl("drain", node, "--ignore-daemonsets", "--timeout=5m").orFail();
        assertThat(lab.hostsWithDomain(uid))
                .as("where the guest is as soon as kubectl drain has ended")
                .containsExactly(lab.otherHost(node));
        assertGoesOn(stage, uid);
        lab.kubectl("uncordon", node).orFail();
        stage.awaitReason(PAYROLL, ConditionType.Migratable, Reason.Migratable);
    }

    /** The agents stay at the earlier version, as if their upgrade had stopped. */
    private void upgradeOperators(Stage stage, ServerCertificate scraper) {
        setUpdateStrategy("OnDelete");
        Helm.installWorkloads(
                Cluster.NAMESPACE,
                "operator.image.tag=",
                "agent.image.tag=",
                "agent.metrics.port=" + METRICS_PORT,
                "agent.metrics.clientCA=" + scraper.authority(),
                // So that those of this test are removed before it ends.
                "operator.finishedMigrationTtlMinutes=1",
                "fencing.enabled=true",
                "fencing.minLivingPercent=50");
        await("the earlier operators to be gone")
                .atMost(Stage.TIMEOUT)
                .until(() -> images(stage, "operator").stream().noneMatch(ClusterE2E::isEarlier));
        assertThat(images(stage, "agent")).hasSize(2).allMatch(ClusterE2E::isEarlier);
        assertOperatorsAreOffHosts(stage);
    }

    /** Both are on the one node that has no agent. */
    private void assertOperatorsAreOffHosts(Stage stage) {
        assertThat(pods(stage, "operator"))
                .extracting(pod -> pod.getSpec().getNodeName())
                .isNotEmpty()
                .doesNotContainAnyElementsOf(lab.hosts());
    }

    /** What each version has sealed, recorded and sent, the other one reads. */
    private void migrateBetweenVersions(Stage stage) {
        String upgraded = lab.otherHost(stage.get(PAYROLL).getStatus().nodeName());
        agent(stage, upgraded).forEach(pod -> stage.client.resource(pod).delete());
        await("the agent on " + upgraded + " to be upgraded")
                .atMost(Stage.TIMEOUT)
                .until(
                        () -> agent(stage, upgraded).toList(),
                        pods -> pods.size() == 1
                                && !isEarlier(image(pods.getFirst()))
                                && Readiness.isPodReady(pods.getFirst()));
        for (String name : List.of("to-the-later-agent", "to-the-earlier-agent")) {
            // An agent is heard of a while after its pod is ready.
            stage.awaitReason(PAYROLL, ConditionType.Migratable, Reason.Migratable);
            VMMigrationStatus ended = stage.awaitEnd(stage.migrate(PAYROLL, name));
            assertThat(ended.phase()).as("%s: %s", name, ended).isEqualTo(Phase.Succeeded);
            assertGoesOn(stage, stage.get(PAYROLL).identity());
        }
        stage.awaitReason(PAYROLL, ConditionType.Migratable, Reason.Migratable);
    }

    private static Stream<Pod> agent(Stage stage, String host) {
        return pods(stage, "agent").stream()
                .filter(pod -> host.equals(pod.getSpec().getNodeName()));
    }

    /** libvirt's connection goes through both agents, so the migration may fail; the guest does not notice. */
    private void upgradeAgentsDuringAMigration(Stage stage) {
        VMMigration migration = stage.migrate(PAYROLL, "in-an-upgrade");
        setUpdateStrategy("RollingUpdate");
        assertThat(stage.awaitEnd(migration).phase()).isIn(Phase.Succeeded, Phase.Failed);
        await("the agents to be upgraded")
                .atMost(Stage.TIMEOUT)
                .until(() -> images(stage, "agent").size() == 2
                        && images(stage, "agent").stream().noneMatch(ClusterE2E::isEarlier));
        awaitReady(stage);
        assertGoesOn(stage, stage.get(PAYROLL).identity());
        stage.awaitReason(PAYROLL, ConditionType.Migratable, Reason.Migratable);
    }

    private void setUpdateStrategy(String type) {
        lab.kubectl(
                        "patch",
                        "daemonset",
                        Cluster.AGENT,
                        "--namespace=" + Cluster.NAMESPACE,
                        "--patch={\"spec\": {\"updateStrategy\": {\"type\": \"" + type + "\"}}}")
                .orFail();
    }

    private static List<String> images(Stage stage, String component) {
        return pods(stage, component).stream().map(ClusterE2E::image).toList();
    }

    private static String image(Pod pod) {
        return pod.getSpec().getContainers().getFirst().getImage();
    }

    private static boolean isEarlier(String image) {
        return image.endsWith(":" + EarlierVersion.TAG);
    }

    private void endPodsDuringAMigration(Stage stage) {
        VMMigration migration = stage.migrate(PAYROLL, "without-pods");
        Stream.of("operator", "agent")
                .flatMap(component -> pods(stage, component).stream())
                .forEach(pod -> stage.client.resource(pod).withGracePeriod(0).delete());
        assertThat(stage.awaitEnd(migration).phase()).isIn(Phase.Succeeded, Phase.Failed);
        stage.awaitRunning(PAYROLL);
        assertGoesOn(stage, stage.get(PAYROLL).identity());
    }

    /** The fencer's pod cuts the power of a host that is silent. */
    private void failOver(Stage stage) {
        stage.awaitReason(PAYROLL, ConditionType.FailoverReady, Reason.FailoverReady);
        String dead = stage.get(PAYROLL).getStatus().nodeName();
        try (ManagementControllers controllers = new ManagementControllers(stage)) {
            controllers.fenceAutomatically(dead);
            lab.run("host", dead, "crash").orFail();
            await("the VM to be given to the other host")
                    .atMost(Stage.TIMEOUT)
                    .until(() -> stage.get(PAYROLL).getStatus().nodeName(), lab.otherHost(dead)::equals);
            stage.awaitRunning(PAYROLL);
            controllers.switchOn(dead);
        }
        awaitReady(stage);
    }

    /** An uninstall leaves guests, keys and files, and the next installation finds them. */
    private void installAnew(Stage stage) throws IOException, InterruptedException {
        String uid = stage.get(PAYROLL).identity();
        long epoch = stage.awaitRunning(PAYROLL).getStatus().epoch();
        // The roles go before the pods that have them.
        rights.assertNoneMissing();
        Path values = Helm.uninstall(Cluster.NAMESPACE);
        await("the pods to be gone")
                .atMost(Stage.TIMEOUT)
                .until(() -> Stream.of("operator", "agent", "guard")
                        .allMatch(component -> pods(stage, component).isEmpty()));
        assertGoesOn(stage, uid);
        Helm.install(Cluster.NAMESPACE, values);
        Helm.test(Cluster.NAMESPACE);
        assertThat(pods(stage, "check")).as("what helm test leaves").isEmpty();
        awaitReady(stage);
        assertOperatorsAreOffHosts(stage);
        assertGoesOn(stage, uid);
        TrustedLaunchVM adopted = stage.awaitRunning(PAYROLL);
        assertThat(adopted.getStatus().epoch()).isEqualTo(epoch);
        stage.awaitReason(PAYROLL, ConditionType.Migratable, Reason.Migratable);
    }

    private static void awaitReady(Stage stage) {
        await("the pods to be ready")
                .atMost(Stage.TIMEOUT)
                .until(() -> Stream.of("operator", "agent").allMatch(component -> {
                    List<Pod> pods = pods(stage, component);
                    return pods.size() == 2 && pods.stream().allMatch(Readiness::isPodReady);
                }));
    }

    private static void assertGoesOn(Stage stage, String uid) {
        int counted = counter(stage.console(uid));
        stage.awaitConsole(uid, console -> counter(console) > counted, "a higher counter");
    }

    private static int counter(String console) {
        return new GuestHistory(console).counter();
    }

    private static List<Pod> pods(Stage stage, String component) {
        return stage.client
                .pods()
                .inNamespace(Cluster.NAMESPACE)
                .withLabel("app.kubernetes.io/component", component)
                .list()
                .getItems();
    }
}
