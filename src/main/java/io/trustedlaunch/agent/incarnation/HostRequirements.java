package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.domain.GuestProcessor;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.HostFacts;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.vm.VirtualizationBasedSecurity;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The needs of a machine from its host: its storage location, its networks, and KVM unless emulation is allowed, and nested virtualization if it requires that. */
final class HostRequirements {
    private final LocationCheck locations;
    private final Hypervisor hypervisor;
    private final boolean emulation;

    HostRequirements(LocationCheck locations, Hypervisor hypervisor, boolean emulation) {
        this.locations = locations;
        this.hypervisor = hypervisor;
        this.emulation = emulation;
    }

    GuestProcessor require(Machine machine) {
        locations.require(Path.of(machine.location().path()));
        HostFacts host = hypervisor.host();
        requireNetworks(machine, host);
        if (!host.kvm() && !emulation) {
            throw new RefusedException(
                    Reason.EmulationNotAllowed,
                    "KVM does not work on this node; enable virtualization in its firmware, or start the agent with"
                            + " --allow-emulation");
        }
        return processor(machine.virtualizationBasedSecurityOrDefault(), host);
    }

    private static GuestProcessor processor(VirtualizationBasedSecurity wanted, HostFacts host) {
        GuestProcessor processor = host.processor(wanted);
        if (wanted == VirtualizationBasedSecurity.Required
                && !processor.acceleration().vbs()) {
            throw new RefusedException(
                    Reason.VbsNotOffered,
                    "the VM requires virtualization-based security, and this node does not offer it: "
                            + host.virtualization().message());
        }
        return processor;
    }

    private static void requireNetworks(Machine machine, HostFacts host) {
        Optional.ofNullable(machine.nics()).orElse(List.of()).stream()
                .filter(nic -> !host.networks().contains(nic.network()))
                .findFirst()
                .ifPresent(nic -> {
                    throw new RefusedException(
                            Reason.NetworkMissing,
                            "network " + nic.network() + " of " + nic.name()
                                    + " is not active on this node, which offers "
                                    + (host.networks().isEmpty() ? "none" : String.join(", ", host.networks()))
                                    + "; start it with virsh net-start");
                });
    }
}
