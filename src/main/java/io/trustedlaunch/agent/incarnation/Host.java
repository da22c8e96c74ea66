package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.seed.SeedDisc;

/**
 * What a life is made of on this host.
 *
 * @param emulation whether VMs may run without KVM
 */
public record Host(
        String nodeName,
        Hypervisor hypervisor,
        Tpms tpms,
        LocationCheck locations,
        Disks disks,
        SeedDisc seeds,
        VmMemory memory,
        Homes homes,
        GuestStateKeeper keeper,
        boolean emulation) {}
