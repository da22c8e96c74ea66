package io.trustedlaunch.cli.plugin.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMSpec;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Approval;
import io.trustedlaunch.api.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Image;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Interface;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationSpec;
import io.trustedlaunch.api.VMMigrationStatus;
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
        migration.setStatus(new VMMigrationStatus(
                1L,
                VMMigrationStatus.Phase.Migrating,
                "host-a",
                "host-b",
                4L,
                new VMMigrationStatus.Progress(300L << 20, 90L << 20, 77, null, null),
                "2026-11-24T10:00:00Z",
                null,
                null));
        TrustedLaunchVM vm = vm(new TrustedLaunchVMStatus(
                1L,
                "Running",
                "host-a",
                3L,
                new Image("ws2022", "9f".repeat(32), "Signed"),
                new VTpm("ab".repeat(32), "-----BEGIN CERTIFICATE-----"),
                new GuestState(
                        new GuestStateVersion(3L, 41L),
                        "2026-11-24T09:59:58Z",
                        80L,
                        new GuestStateVersion(3L, 1L),
                        new Approval(new GuestStateVersion(2L, 7L), "ada", "2026-11-23T08:00:00Z", 3L),
                        new GuestStateVersion(3L, 40L)),
                List.of(new Interface("nic0", "52:54:00:12:34:56", List.of("10.0.0.5", "fd00::5"))),
                "10.0.0.5",
                List.of(condition("Ready", "True", "Running", "runs on host-a (epoch 3)")),
                new Migration("payroll-x", "uid", 4L, "host-a", "host-b", null, null, null),
                null));

        Golden.check(GOLDEN.resolve("status-migrating.txt"), StatusReport.of(vm, Optional.of(migration)));
    }

    @Test
    void aVmThatNoNodeFits() throws IOException {
        TrustedLaunchVM vm = vm(new TrustedLaunchVMStatus(
                1L,
                "Pending",
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(
                        condition("Ready", "False", "NoNodeFits", "host-a: too small; host-b: it is cordoned"),
                        condition("Running", "False", "NoNodeFits", "")),
                null,
                null));

        Golden.check(GOLDEN.resolve("status-no-node.txt"), StatusReport.of(vm, Optional.empty()));
    }

    @Test
    void aVmThatNoneOfManyNodesFits() throws IOException {
        String message =
                "none of 1000 nodes can take it; 998 nodes (host-a, host-b, host-c, …): too little of its memory"
                        + " is free for VMs; host-x: it is tainted out-of-service; host-y: it offers no network vlan-42";
        TrustedLaunchVM vm = vm(new TrustedLaunchVMStatus(
                1L,
                "Pending",
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(
                        condition("Ready", "False", "NoNodeFits", message),
                        condition("Running", "False", "NoNodeFits", message),
                        condition("ImageEligible", "True", "EligibleByRule", "by a rule"),
                        condition("Placed", "False", "NoNodeFits", message)),
                null,
                null));

        Golden.check(GOLDEN.resolve("status-many-nodes.txt"), StatusReport.of(vm, Optional.empty()));
    }

    @Test
    void aNewVm() throws IOException {
        Golden.check(GOLDEN.resolve("status-new.txt"), StatusReport.of(vm(null), Optional.empty()));
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
