package io.trustedlaunch.agent.incarnation.state;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.imagecopy.Images;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.agent.shutdown.ShutdownRequest;

/**
 * What a life is made of on this host.
 *
 * @param images what first starts make OS disks from
 * @param shutdown stands while the host is to shut down
 * @param movement between this host and others
 * @param emulation whether VMs may run without KVM
 */
@RecordBuilder
public record Host(
        String nodeName,
        Hypervisor hypervisor,
        Tpms tpms,
        LocationCheck locations,
        Images images,
        Disks disks,
        SeedDisc seeds,
        VmRecordStore memory,
        Homes homes,
        GuestStateKeeper keeper,
        ShutdownRequest shutdown,
        Migrations movement,
        boolean emulation) {}
