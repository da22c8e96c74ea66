package io.trustedlaunch.agent.hypervisor;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.domain.Acceleration;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedSet;

/**
 * What a host can do, each fact found by asking or trying.
 *
 * @param emulator QEMU's path
 * @param kvm whether KVM can be used, not only whether the device is there
 * @param secureBootFirmware whether there is UEFI firmware with Secure Boot and enrolled keys
 * @param nested the kind of nested virtualization that makes VBS work in a guest; empty: this host offers none
 * @param networks the active libvirt networks: a VM's network is offered by the nodes that have one of its name
 */
@RecordBuilder
public record HostFacts(
        String libvirtVersion,
        String qemuVersion,
        Path emulator,
        int cores,
        long memoryBytes,
        boolean kvm,
        boolean secureBootFirmware,
        Optional<Acceleration> nested,
        SortedSet<String> networks) {

    /** The best that the host has; {@link Acceleration#EMULATED} where there is no KVM. */
    public Acceleration acceleration() {
        return kvm ? nested.orElse(Acceleration.KVM) : Acceleration.EMULATED;
    }
}
