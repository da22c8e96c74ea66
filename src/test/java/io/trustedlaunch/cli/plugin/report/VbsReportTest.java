package io.trustedlaunch.cli.plugin.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ProcessorVendor;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus.Versions;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.NodeVirtualization;
import io.trustedlaunch.api.node.NodeVirtualization.Nested;
import io.trustedlaunch.api.vm.GuestInfo.OperatingSystem;
import io.trustedlaunch.api.vm.GuestInfoBuilder;
import io.trustedlaunch.api.vm.SecurityProfile;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.VirtualizationBasedSecurity;
import io.trustedlaunch.testkit.Golden;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The output of {@code kubectl tlvm vbs-report}. */
class VbsReportTest {
    @Test
    void aGuestOnIntel() throws IOException {
        TrustedLaunchVM vm = vm(VirtualizationBasedSecurity.Required);
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .nodeName("host-a")
                .guest(GuestInfoBuilder.builder()
                        .os(new OperatingSystem("mswindows", "Windows | Server\u001b[2J", "2022", "20348"))
                        .build())
                .conditions(List.of(new ConditionBuilder()
                        .withType("VirtualizationBasedSecurity")
                        .withStatus("Unknown")
                        .withReason("VbsNotProved")
                        .withMessage("the guest has nested virtualization")
                        .build()))
                .build());
        ClusterNode node = new ClusterNode();
        node.setMetadata(new ObjectMetaBuilder().withName("host-a").build());
        node.setStatus(ClusterNodeStatusBuilder.builder()
                .virtualization(new NodeVirtualization(
                        ProcessorVendor.Intel, Nested.Offered, "libvirt starts guests with vmx", true))
                .versions(new Versions("0.1.0", "11.3.0", "10.0.2", null, null))
                .build());

        Golden.check(
                Path.of("src/test/resources/golden/cli/vbs-report.txt"),
                VbsReport.of(vm, Optional.of(node)).toString());
    }

    @Test
    void aVmThatDoesNotRun() {
        assertThat(VbsReport.of(vm(null), Optional.empty()).toString())
                .contains("| default |", "| absent |", "| the VM does not run |");
    }

    private static TrustedLaunchVM vm(VirtualizationBasedSecurity chosen) {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setSpec(TrustedLaunchVMSpecBuilder.builder()
                .securityProfile(new SecurityProfile(null, null, null, chosen))
                .build());
        return vm;
    }
}
