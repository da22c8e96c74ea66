package io.trustedlaunch.cli.plugin.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import io.trustedlaunch.api.node.FenceDeviceSpecBuilder;
import io.trustedlaunch.api.node.FenceDeviceStatus;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeFenceStatusBuilder;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.testkit.Golden;
import io.trustedlaunch.testkit.Incarnations;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What {@code kubectl tlvm fence} shows before it asks. */
class FenceReportTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/cli");
    private static final String BOOT = "3f0c6d6e-0000-0000-0000-000000000001";
    private static final String EARLIER_BOOT = "77aa6d6e-0000-0000-0000-000000000002";
    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
    private static final VTpm TPM = new VTpm("ab".repeat(32), "-----BEGIN CERTIFICATE-----");

    private final FenceReportBuilder report = FenceReportBuilder.builder()
            .node(node())
            .lease(Optional.of(renewedAt(NOW.minus(Duration.ofSeconds(312)))))
            .kubeletLease(Optional.of(renewedAt(NOW.minus(Duration.ofSeconds(309)))))
            .fences(List.of())
            .vms(List.of())
            .locations(List.of(location("csv-01", "host-a", "host-b", "host-c"), location("local-01")))
            .devices(List.of())
            .now(NOW);

    @Test
    void aNodeThatNothingIsHeardOf() {
        TrustedLaunchVM payroll = vm("payroll", "csv-01", TrustedLaunchVMStatus.Phase.Running, TPM, "host-a");
        TrustedLaunchVM ledger = vm("ledger", "local-01", TrustedLaunchVMStatus.Phase.Running, TPM, "host-a");
        TrustedLaunchVM fresh = vm("fresh", "local-01", TrustedLaunchVMStatus.Phase.Starting, null, null);
        Golden.check(
                GOLDEN.resolve("fence-silent-node.txt"),
                report.vms(List.of(payroll, ledger, fresh)).build().text().toString());
    }

    @Test
    void aNodeWhoseKubeletIsHeard() {
        NodeFence fence = fence(BOOT);
        fence.setStatus(NodeFenceStatusBuilder.builder()
                .phase(Phase.Requested)
                .message("alice says that the host is off")
                .build());
        Golden.check(
                GOLDEN.resolve("fence-heard-kubelet.txt"),
                report.kubeletLease(Optional.of(renewedAt(NOW.minus(Duration.ofSeconds(12)))))
                        .fences(List.of(fence))
                        .build()
                        .text()
                        .toString());
    }

    @Test
    void aNodeWhosePowerIsToBeCut() {
        TrustedLaunchVM payroll = vm("payroll", "csv-01", TrustedLaunchVMStatus.Phase.Running, TPM, "host-a");
        TrustedLaunchVM ledger = vm("ledger", "local-01", TrustedLaunchVMStatus.Phase.Running, TPM, "host-a");
        FenceReport powerOff = report.vms(List.of(payroll, ledger))
                .devices(List.of(device("host-b", "False"), device("host-a", "True")))
                .build();
        assertThat(powerOff.requireReadyDevice()).isEmpty();
        Golden.check(
                GOLDEN.resolve("fence-power-off.txt"), powerOff.powerOffText().toString());
    }

    @Test
    void thePowerIsCutByAFenceDeviceThatIsReady() {
        assertThat(report.devices(List.of(device("host-b", "True"))).build().requireReadyDevice())
                .hasValueSatisfying(
                        problem -> assertThat(problem).contains("no FenceDevice with spec.nodeName host-a"));
        assertThat(report.devices(List.of(device("host-a", "False"))).build().requireReadyDevice())
                .contains("fencedevice/bmc-host-a is not ready: FenceDeviceReady (as it was tested)");
        FenceDevice untested = device("host-a", "True");
        untested.setStatus(null);
        assertThat(report.devices(List.of(untested)).build().requireReadyDevice())
                .hasValueSatisfying(problem -> assertThat(problem).contains("no fencer has tested it"));
        assertThat(report.devices(List.of(device("host-a", "False"), device("host-a", "True")))
                        .build()
                        .requireReadyDevice())
                .isEmpty();
    }

    private static FenceDevice device(String node, String ready) {
        FenceDevice device = new FenceDevice();
        device.setMetadata(new ObjectMetaBuilder().withName("bmc-" + node).build());
        device.setSpec(FenceDeviceSpecBuilder.builder()
                .nodeName(node)
                .agent(Agent.fence_redfish)
                .build());
        device.setStatus(new FenceDeviceStatus(
                1L,
                null,
                null,
                null,
                List.of(new ConditionBuilder()
                        .withType("Ready")
                        .withStatus(ready)
                        .withReason("FenceDeviceReady")
                        .withMessage("as it was tested")
                        .build())));
        return device;
    }

    /** Its record was written before the VM's home was on record. */
    @Test
    void theLocationOfAVmWithoutAHomeIsTheOneOfItsSpec() {
        assertThat(report.vms(List.of(vm("payroll", "csv-01", TrustedLaunchVMStatus.Phase.Running, TPM, null)))
                        .build()
                        .text()
                        .toString())
                .contains("finance/payroll   Running     can start on host-b, host-c\n");
    }

    @Test
    void aVmWhoseHomeIsOnAnotherNodeStartsThere() {
        assertThat(report.vms(List.of(vm("payroll", "local-01", TrustedLaunchVMStatus.Phase.Running, TPM, "host-z")))
                        .build()
                        .text()
                        .toString())
                .contains("VMs:          1\n", "can start on host-z\n");
    }

    @Test
    void aFenceOfAnEarlierBootOrAnotherNodeIsNotShown() {
        NodeFence others = fence(BOOT);
        others.setSpec(new NodeFenceSpec("host-b", BOOT, Method.Statement));
        assertThat(report.fences(List.of(fence(EARLIER_BOOT), others)).build().fence())
                .isEmpty();
        NodeFence present = fence(BOOT);
        assertThat(report.fences(List.of(fence(EARLIER_BOOT), present)).build().fence())
                .containsSame(present);
    }

    @Test
    void theAgeOfTheLeaseIsByTheClockOfTheUser() {
        assertThat(report.build().sinceRenewal()).contains(Duration.ofSeconds(312));
        assertThat(report.lease(Optional.empty()).build().sinceRenewal()).isEmpty();
    }

    @Test
    void aNodeThatNeverReportedHasNoBoot() {
        ClusterNode node = node();
        node.setStatus(null);
        FenceReport without = report.node(node)
                .lease(Optional.empty())
                .kubeletLease(Optional.empty())
                .build();
        assertThat(without.boot()).isEmpty();
        assertThat(without.text().toString())
                .contains("none reported", "it has no Lease", "Kubelet:      has no Lease", "VMs:          none")
                .doesNotContain("Conditions");
    }

    private static ClusterNode node() {
        ClusterNode node = new ClusterNode();
        node.setMetadata(new ObjectMetaBuilder().withName("host-a").build());
        node.setStatus(ClusterNodeStatusBuilder.builder()
                .answer(new Answer("a leader", BOOT, null, List.of()))
                .conditions(List.of(
                        new ConditionBuilder()
                                .withType("Ready")
                                .withStatus("True")
                                .withReason("Ready")
                                .build(),
                        new ConditionBuilder()
                                .withType("MemoryReserved")
                                .withStatus("False")
                                .withReason("MemoryShared")
                                .build()))
                .build());
        return node;
    }

    private static Lease renewedAt(Instant time) {
        return new LeaseBuilder()
                .withNewSpec()
                .withRenewTime(time.atZone(ZoneOffset.UTC))
                .endSpec()
                .build();
    }

    private static StorageLocation location(String name, String... sharedBy) {
        StorageLocation location = new StorageLocation();
        location.setMetadata(new ObjectMetaBuilder().withName(name).build());
        location.setStatus(new StorageLocationStatus(
                1L,
                List.of(),
                sharedBy.length == 0 ? List.of() : List.of(new StorageLocationStatus.Group(List.of(sharedBy))),
                List.of()));
        return location;
    }

    private static NodeFence fence(String boot) {
        NodeFence fence = new NodeFence();
        fence.setMetadata(new ObjectMetaBuilder()
                .withName(NodeFence.nameOf("host-a", boot))
                .build());
        fence.setSpec(new NodeFenceSpec("host-a", boot, Method.Statement));
        return fence;
    }

    private static TrustedLaunchVM vm(
            String name, String location, TrustedLaunchVMStatus.Phase phase, VTpm tpm, String homeNode) {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(
                new ObjectMetaBuilder().withNamespace("finance").withName(name).build());
        vm.setSpec(TrustedLaunchVMSpecBuilder.builder()
                .storageLocationRef(new ObjectRef(location))
                .build());
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .phase(phase)
                .nodeName("host-a")
                .vTPM(tpm)
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .home(homeNode == null ? null : new Home(location, homeNode, 7L, false, Incarnations.CLUSTER))
                        .build())
                .build());
        return vm;
    }
}
