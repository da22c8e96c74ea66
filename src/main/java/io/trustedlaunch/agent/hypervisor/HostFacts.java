package io.trustedlaunch.agent.hypervisor;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.GuestProcessor;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.node.NodeVirtualization;
import io.trustedlaunch.api.vm.VirtualizationBasedSecurity;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/**
 * A host's capabilities, found by queries and trials.
 *
 * @param emulator path of QEMU
 * @param machineUUID of the host's machine, as its firmware names it
 * @param kvm whether KVM works, not only whether its device exists
 * @param secureBootFirmware whether UEFI firmware with Secure Boot and enrolled keys is installed
 * @param firmware all firmware with both
 * @param nested the kind of nested virtualization, needed for VBS in a guest; empty if there is none
 * @param virtualization what is known of nested virtualization
 * @param shadowStacks the features of the processor that are shadow stacks
 * @param networks the names of the active libvirt networks
 */
@RecordBuilder
public record HostFacts(
        String libvirtVersion,
        String qemuVersion,
        Path emulator,
        int cores,
        long memoryBytes,
        Optional<String> machineUUID,
        boolean kvm,
        boolean secureBootFirmware,
        List<FirmwareFiles> firmware,
        Optional<Acceleration> nested,
        NodeVirtualization virtualization,
        List<String> shadowStacks,
        SortedSet<String> networks) {

    public HostFacts {
        firmware = List.copyOf(firmware);
        shadowStacks = Lists.orEmpty(shadowStacks);
    }

    /** The best acceleration of the host; {@link Acceleration#EMULATED} without KVM. */
    public Acceleration acceleration() {
        return kvm ? nested.orElse(Acceleration.KVM) : Acceleration.EMULATED;
    }

    /** What a guest gets that is started here. */
    public GuestProcessor processor(VirtualizationBasedSecurity wanted) {
        Acceleration best = acceleration();
        return wanted == VirtualizationBasedSecurity.None || !best.vbs()
                ? GuestProcessor.of(best.withoutNesting())
                // Hyper-V in the guest does not start with the shadow stacks of its hypervisor's host.
                : new GuestProcessor(best, shadowStacks);
    }
}
