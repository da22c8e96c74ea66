package io.trustedlaunch.fencer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.FenceDeviceStatus;
import io.trustedlaunch.api.node.FenceDeviceStatus.Power;
import io.trustedlaunch.api.node.FenceDeviceStatus.Result;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Lab;
import io.trustedlaunch.testkit.Manifest;
import io.trustedlaunch.testkit.ServerCertificate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Fencers with the permissions that they have in production, the distribution's fence_redfish, and hosts of a lab. */
class FencerIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final String HOST = "host-b";
    private static final String OTHER = "host-a";
    private static final List<FencerUnderTest> FENCERS = new ArrayList<>();

    private static Lab lab;
    private static Manifest device;
    private static Manifest secret;
    private static String machine;

    @TempDir
    static Path folder;

    @BeforeAll
    static void start() {
        lab = Lab.fromEnvironment();
        lab.run("bmc", "start").orFail();
        List<Manifest> devices = Arrays.stream(
                        lab.run("bmc", "devices").orFail().split("(?m)^---$"))
                .filter(text -> text.contains(HOST))
                .map(Manifest::new)
                .toList();
        device = devices.getFirst();
        secret = devices.getLast();
        machine = lab.exec(HOST, "sh", "-c", "sed -n 's/^host_uuid = \"\\(.*\\)\"/\\1/p' /etc/libvirt/libvirtd.conf")
                .strip();
        registerNode();
        FENCERS.add(FencerUnderTest.start(CLUSTER, "first"));
        FENCERS.add(FencerUnderTest.start(CLUSTER, "second"));
    }

    @AfterAll
    static void stop() {
        FENCERS.forEach(FencerUnderTest::close);
        lab.run("bmc", "stop").orFail();
    }

    private static void registerNode() {
        CLUSTER.admin().resources(ClusterNode.class).withName(HOST).delete();
        CLUSTER.create(parsed(
                "{apiVersion: trustedlaunch.io/v1alpha1, kind: ClusterNode, metadata: {name: %s}, spec: {machineUUID: %s}}"
                        .formatted(HOST, machine),
                ClusterNode.class));
    }

    @Test
    void thePowerOfAHostIsCutAndIsOffTwice() {
        String name = create("cut", "{}", "{}");
        assertThat(await(name, Reason.FenceDeviceReady).machineUUID()).isEqualTo(machine);
        try {
            Result result = await(name, fence());
            assertThat(result.power()).as(result.message()).isEqualTo(Power.Off);
            assertThat(result.observations()).hasSize(2).allMatch(seen -> seen.startsWith("Off at "));
            assertThat(result.machineUUID()).isEqualTo(machine);
            assertThat(runs(HOST)).isFalse();
            assertThat(runs(OTHER)).isTrue();
        } finally {
            lab.run("host", HOST, "start").orFail();
        }
        assertThat(events(name)).contains(Reason.FenceDeviceReady.name(), Reason.PoweredOff.name());
    }

    @Test
    void theNextFencerGoesOnWhenOthersDieAndAFrozenHostLosesItsPower() {
        String name = create("next", "{}", "{}");
        await(name, Reason.FenceDeviceReady);
        lab.run("host", HOST, "freeze").orFail();
        try {
            FENCERS.forEach(FencerUnderTest::close);
            NodeFence fence = fence();
            FENCERS.add(FencerUnderTest.start(CLUSTER, "next"));
            Result result = await(name, fence);
            assertThat(result.power()).as(result.message()).isEqualTo(Power.Off);
            assertThat(runs(HOST)).isFalse();
        } finally {
            lab.run("host", HOST, "start").orFail();
        }
    }

    @Test
    void theControllerOfAnotherMachineSwitchesNothing() {
        String name = create("wrong-machine", "spec: {systemsURI: /redfish/v1/Systems/" + OTHER + "}", "{}");
        await(name, Reason.WrongMachine);
        assertNothingIsSwitched(name, "and node " + HOST + " is machine " + machine);
    }

    @Test
    void aWrongPasswordSwitchesNothing() {
        String name = create("wrong-password", "{}", "stringData: {password: wrong}");
        await(name, Reason.WrongPassword);
        assertNothingIsSwitched(name, "answers 401");
    }

    @Test
    void theCertificateOfAnotherAuthoritySwitchesNothing() throws Exception {
        String authority = ServerCertificate.make(folder, 1).authority().replace("\n", "\\n");
        String name = create("wrong-authority", "{}", "stringData: {ca.crt: \"" + authority + "\"}");
        await(name, Reason.UntrustedCertificate);
        assertNothingIsSwitched(name, "put the authority of the controller's certificate into ca.crt");
    }

    @Test
    void theSecretOfAnotherAddressIsSentNowhere() {
        String name = create("wrong-address", "spec: {address: \"127.0.0.1:9\"}", "{}");
        await(name, Reason.FenceSecretInvalid);
        assertNothingIsSwitched(name, "is for another address");
    }

    private static void assertNothingIsSwitched(String device, String message) {
        Result result = await(device, fence());
        assertThat(result.power()).isEqualTo(Power.Unknown);
        assertThat(result.message()).contains(message);
        assertThat(runs(HOST)).isTrue();
        assertThat(runs(OTHER)).isTrue();
    }

    /** A FenceDevice of the host, and its Secret; the only one while a test runs. */
    private static String create(String name, String deviceChange, String secretChange) {
        CLUSTER.admin().resources(FenceDevice.class).delete();
        CLUSTER.admin().resources(NodeFence.class).delete();
        String unique = Cluster.uniqueName(name);
        CLUSTER.create(parsed(
                secret.with("metadata: {name: " + unique + "}")
                        .with(secretChange)
                        .yaml(),
                Secret.class));
        CLUSTER.create(parsed(
                device.with("{metadata: {name: " + unique + "}, spec: {secretRef: {name: " + unique + "}}}")
                        .with(deviceChange)
                        .yaml(),
                FenceDevice.class));
        return unique;
    }

    /** What the operator makes. */
    private static NodeFence fence() {
        String boot = UUID.randomUUID().toString();
        NodeFence created =
                CLUSTER.create(parsed("""
                apiVersion: trustedlaunch.io/v1alpha1
                kind: NodeFence
                metadata: {name: %s-%s}
                spec: {nodeName: %s, bootID: %s, method: Power, machineUUID: %s}
                """.formatted(HOST, boot.substring(0, 8), HOST, boot, machine), NodeFence.class));
        return CLUSTER.admin()
                .resource(created)
                .editStatus(fence -> parsed(
                        new Manifest(yaml(fence))
                                .with("status: {phase: Fencing}")
                                .yaml(),
                        NodeFence.class));
    }

    private static FenceDeviceStatus await(String device, Reason reason) {
        Awaitility.await(device + " to be " + reason)
                .atMost(Cluster.TIMEOUT)
                .until(() -> status(device)
                        .flatMap(status -> ConditionType.Ready.in(status.conditions()))
                        .map(Condition::getReason)
                        .filter(reason.name()::equals)
                        .isPresent());
        return status(device).orElseThrow();
    }

    private static Result await(String device, NodeFence fence) {
        Awaitility.await("an answer to " + fence.getMetadata().getName())
                .atMost(Cluster.TIMEOUT)
                .until(() -> answer(device, fence).isPresent());
        return answer(device, fence).orElseThrow();
    }

    private static Optional<Result> answer(String device, NodeFence fence) {
        return status(device)
                .map(FenceDeviceStatus::lastResult)
                .filter(result -> result.fence().equals(fence.getMetadata().getName())
                        && result.answers().equals(fence.getMetadata().getResourceVersion()));
    }

    private static Optional<FenceDeviceStatus> status(String device) {
        return Optional.ofNullable(CLUSTER.admin()
                        .resources(FenceDevice.class)
                        .withName(device)
                        .get())
                .map(FenceDevice::getStatus);
    }

    private static List<String> events(String device) {
        return CLUSTER.admin().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getName().equals(device))
                .filter(event -> event.getReportingComponent().equals("trusted-launch-fencer"))
                .map(event -> event.getReason())
                .toList();
    }

    private static boolean runs(String host) {
        return lab.run("status").orFail().lines().anyMatch(line -> line.matches("libvirtd-" + host + " +running.*"));
    }

    private static <T> T parsed(String yaml, Class<T> type) {
        return CLUSTER.admin().getKubernetesSerialization().unmarshal(Manifest.json(yaml), type);
    }

    private static String yaml(HasMetadata object) {
        return CLUSTER.admin().getKubernetesSerialization().asYaml(object);
    }
}
