package io.trustedlaunch.cli.plugin.report;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.NodeVirtualization;
import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.VirtualizationBasedSecurity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the cluster knows of virtualization-based security in a VM, as a table in Markdown, and a script for the guest that prints more rows
 * of it: only Windows knows whether it uses what it is offered.
 */
public final class VbsReport {
    private static final String UNKNOWN = "-";

    /** Classes and numbers are those of Microsoft's documentation of Win32_DeviceGuard. */
    private static final String SCRIPT = """
            $vbs = Get-CimInstance -Namespace root/Microsoft/Windows/DeviceGuard -ClassName Win32_DeviceGuard
            $os = Get-CimInstance -ClassName Win32_OperatingSystem
            "| Windows | $($os.Caption), build $($os.BuildNumber) |"
            "| Secure Boot | $(Confirm-SecureBootUEFI) |"
            "| VBS: 0 off, 1 enabled, 2 runs | $($vbs.VirtualizationBasedSecurityStatus) |"
            "| services configured: 1 Credential Guard, 2 memory integrity | $($vbs.SecurityServicesConfigured -join ', ') |"
            "| services that run | $($vbs.SecurityServicesRunning -join ', ') |"
            "| properties that VBS requires | $($vbs.RequiredSecurityProperties -join ', ') |"
            "| properties that the machine has | $($vbs.AvailableSecurityProperties -join ', ') |"
            """;

    private final List<String> lines = new ArrayList<>();

    private VbsReport() {}

    /** @param node that runs the guest; empty if none does */
    public static Text of(TrustedLaunchVM vm, Optional<ClusterNode> node) {
        VbsReport report = new VbsReport();
        report.cluster(vm, node);
        report.lines.add("");
        report.lines.add(
                "Run this in the guest, in PowerShell as an administrator. What it prints are further rows of the table:");
        report.lines.add("");
        report.lines.addAll(SCRIPT.lines().toList());
        return new Text(report.lines);
    }

    private void cluster(TrustedLaunchVM vm, Optional<ClusterNode> node) {
        Optional<ClusterNodeStatus> host = node.map(ClusterNode::getStatus);
        lines.add("| fact | value |");
        lines.add("|---|---|");
        row(
                "spec.securityProfile.virtualizationBasedSecurity",
                vm.getSpec().chosenVbs().map(VirtualizationBasedSecurity::name).orElse("default"));
        row("condition VirtualizationBasedSecurity", condition(vm).orElse("absent"));
        row(
                "guest, as it says",
                vm.status()
                        .map(TrustedLaunchVMStatus::guest)
                        .map(GuestInfo::os)
                        .map(os -> joined(os.name(), os.kernelRelease()))
                        .orElse(UNKNOWN));
        row("node", node.map(found -> found.getMetadata().getName()).orElse("the VM does not run"));
        row(
                "nested virtualization there",
                host.map(ClusterNodeStatus::virtualization)
                        .map(VbsReport::virtualization)
                        .orElse(UNKNOWN));
        row(
                "agent, libvirt, QEMU",
                host.map(ClusterNodeStatus::versions)
                        .map(versions -> joined(versions.agent(), versions.libvirt(), versions.qemu()))
                        .orElse(UNKNOWN));
        row("host's kernel and processor", "(uname -r; grep -m 1 'model name' /proc/cpuinfo)");
    }

    private static Optional<String> condition(TrustedLaunchVM vm) {
        return vm.status().stream()
                .flatMap(status -> status.conditions().stream())
                .filter(condition -> condition.getType().equals(ConditionType.VirtualizationBasedSecurity.name()))
                .map(condition -> condition.getStatus() + ", " + condition.getReason() + ": " + condition.getMessage())
                .findFirst();
    }

    private static String virtualization(NodeVirtualization known) {
        return joined(
                known.vendor() == null ? null : known.vendor().name(),
                known.nested() + ": " + known.message(),
                known.enlightenedVmcs() ? "evmcs" : null);
    }

    private static String joined(String... parts) {
        return Stream.of(parts).filter(part -> part != null).collect(Collectors.joining(", "));
    }

    /** A bar would begin another column. */
    private void row(String fact, String value) {
        lines.add("| " + fact + " | " + value.replace('|', '/') + " |");
    }
}
