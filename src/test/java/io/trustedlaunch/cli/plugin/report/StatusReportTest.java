package io.trustedlaunch.cli.plugin.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationSpec;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.incarnation.VMMigrationStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Approval;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Interface;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusFailoverBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusMigrationBuilder;
import io.trustedlaunch.testkit.Golden;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The output of {@code kubectl tlvm status}. */
class StatusReportTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/cli");

    @Test
    void aMigratingVm() throws IOException {
        VMMigration migration = new VMMigration();
        migration.setSpec(new VMMigrationSpec(new ObjectRef("payroll"), null));
        migration.setStatus(VMMigrationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(VMMigrationStatus.Phase.Migrating)
                .sourceNode("host-a")
                .targetNode("host-b")
                .epoch(4L)
                .progressPercent(77)
                .transfer(new VMMigrationStatus.Transfer(new Quantity("300Mi"), new Quantity("90Mi"), null, null))
                .startTime("2026-11-24T10:00:00Z")
                .build());
        TrustedLaunchVM vm = vm(TrustedLaunchVMStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(TrustedLaunchVMStatus.Phase.Running)
                .nodeName("host-a")
                .epoch(3L)
                .image(new RecordedImage("ws2022", "9f".repeat(32), Provenance.Signed))
                .vTPM(new VTpm("ab".repeat(32), "-----BEGIN CERTIFICATE-----"))
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .newest(new GuestStateVersion(3L, 41L))
                        .sealTime("2026-11-24T09:59:58Z")
                        .lagMilliseconds(80L)
                        .floor(new GuestStateVersion(3L, 1L))
                        .approval(new Approval(new GuestStateVersion(2L, 7L), "ada", "2026-11-23T08:00:00Z", 3L, null))
                        .lastWatched(new GuestStateVersion(3L, 40L))
                        .build())
                .networkInterfaces(List.of(new Interface("nic0", "52:54:00:12:34:56", List.of("10.0.0.5", "fd00::5"))))
                .primaryIP("10.0.0.5")
                .conditions(List.of(condition("Ready", "True", "Running", "runs on host-a (epoch 3)")))
                .migration(TrustedLaunchVMStatusMigrationBuilder.builder()
                        .name("payroll-x")
                        .uid("uid")
                        .epoch(4L)
                        .sourceNode("host-a")
                        .targetNode("host-b")
                        .build())
                .build());

        Golden.check(
                GOLDEN.resolve("status-migrating.txt"),
                StatusReport.of(vm, Optional.of(migration)).toString());
    }

    @Test
    void aVmThatNoNodeFits() throws IOException {
        TrustedLaunchVM vm = vm(TrustedLaunchVMStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(TrustedLaunchVMStatus.Phase.Pending)
                .conditions(List.of(
                        condition("Ready", "False", "NoNodeFits", "host-a: too small; host-b: it is cordoned"),
                        condition("Running", "False", "NoNodeFits", "")))
                .build());

        Golden.check(
                GOLDEN.resolve("status-no-node.txt"),
                StatusReport.of(vm, Optional.empty()).toString());
    }

    @Test
    void aVmThatNoneOfManyNodesFits() throws IOException {
        String message =
                "none of 1000 nodes can take it; 998 nodes (host-a, host-b, host-c, …): too little of its memory"
                        + " is free for VMs; host-x: it is tainted out-of-service; host-y: it offers no network vlan-42";
        TrustedLaunchVM vm = vm(TrustedLaunchVMStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(TrustedLaunchVMStatus.Phase.Pending)
                .conditions(List.of(
                        condition("Ready", "False", "NoNodeFits", message),
                        condition("Running", "False", "NoNodeFits", message),
                        condition("ImageEligible", "True", "EligibleByRule", "by a rule"),
                        condition("Placed", "False", "NoNodeFits", message)))
                .build());

        Golden.check(
                GOLDEN.resolve("status-many-nodes.txt"),
                StatusReport.of(vm, Optional.empty()).toString());
    }

    @Test
    void aVmWhoseNodeWasProvedDead() throws IOException {
        TrustedLaunchVM vm = vm(TrustedLaunchVMStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(TrustedLaunchVMStatus.Phase.Running)
                .nodeName("host-b")
                .epoch(8L)
                .failover(TrustedLaunchVMStatusFailoverBuilder.builder()
                        .fence("host-a-3f0c6d6e")
                        .fromNode("host-a")
                        .fromEpoch(7L)
                        .toEpoch(8L)
                        .newest(new GuestStateVersion(7L, 212L))
                        .sealTime("2026-11-24T09:59:58Z")
                        .lagMilliseconds(38L)
                        .build())
                .build());

        Golden.check(
                GOLDEN.resolve("status-failed-over.txt"),
                StatusReport.of(vm, Optional.empty()).toString());
    }

    @Test
    void aNewVm() throws IOException {
        Golden.check(
                GOLDEN.resolve("status-new.txt"),
                StatusReport.of(vm(null), Optional.empty()).toString());
    }

    private static TrustedLaunchVM vm(TrustedLaunchVMStatus status) {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder()
                .withNamespace("finance")
                .withName("payroll")
                .build());
        vm.setSpec(Serialization.unmarshal("""
                runStrategy: Always
                imageRef: {name: ws2022}
                """, TrustedLaunchVMSpec.class));
        vm.setStatus(status);
        return vm;
    }

    private static Condition condition(String type, String status, String reason, String message) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .build();
    }
}
