package io.trustedlaunch.placement;

import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.incarnation.NestedVirtualization;
import io.trustedlaunch.api.node.ClusterNodeStatus.Capabilities;
import io.trustedlaunch.api.node.ClusterNodeStatus.Location;
import io.trustedlaunch.api.node.ClusterNodeStatus.Versions;
import io.trustedlaunch.api.node.NodeVirtualization;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The requirements of a live migration on its target node, in addition to those of every VM. */
final class MigrationPredicates {
    private static final int MEBI = 20;

    private final Requests requests;
    private final NodeInfo source;
    private final long diskBytes;

    /** @param diskBytes the most that the VM's disks can occupy */
    MigrationPredicates(Requests requests, long diskBytes, NodeInfo source) {
        this.requests = requests;
        this.source = source;
        this.diskBytes = diskBytes;
    }

    List<PlacementPredicate> all() {
        return List.of(
                this::takesPartInMigrations,
                this::hasTheRemovedDisks,
                this::hasTheDiscs,
                this::hasTheDisksOrRoomForThem,
                this::hasTheProcessor,
                this::hasNoOlderHypervisor);
    }

    private Optional<RejectionReason> takesPartInMigrations(NodeInfo node) {
        return RejectionReason.when(
                node.status() == null || node.status().migrationPort() == null,
                "its agent does not accept live migrations (it reports no migrationPort)");
    }

    /** A copy takes the disks that the guest has, and the folder that is left is removed. */
    private Optional<RejectionReason> hasTheRemovedDisks(NodeInfo node) {
        return requests.locations().stream()
                .filter(location -> requests.hasRemovedDisks() && !node.sharesLocation(location, source.name()))
                .findFirst()
                .map(location -> RejectionReason.of("it is not proved to share storage location " + location + " with "
                        + source.name()
                        + " (see condition Shared of the location), and a migration would not copy the VM's"
                        + " removed disks (status.removedDisks): delete them with kubectl tlvm disk delete, or bring them"
                        + " back, and restart the VM"));
    }

    /** Whether a copy of the image is in that node's folder, and the same one, is not asked. */
    private Optional<RejectionReason> hasTheDiscs(NodeInfo node) {
        return requests.locations().stream()
                .filter(location -> !requests.discs().isEmpty() && !node.sharesLocation(location, source.name()))
                .findFirst()
                .map(location -> RejectionReason.of("it is not proved to share storage location " + location + " with "
                        + source.name()
                        + " (see condition Shared of the location), and the disc in drive "
                        + String.join(", ", requests.discs())
                        + " is not copied: eject it with kubectl tlvm disc eject"));
    }

    /** Disks are copied unless both nodes are proved to share the folder. */
    private Optional<RejectionReason> hasTheDisksOrRoomForThem(NodeInfo node) {
        return requests.locations().stream()
                .filter(location -> !node.sharesLocation(location, source.name()))
                .filter(location -> free(node, location) < diskBytes)
                .findFirst()
                .map(location -> RejectionReason.of("it is not proved to share storage location " + location + " with "
                        + source.name() + " (see condition Shared of the location), and has "
                        + (free(node, location) >> MEBI) + "Mi free there, but a copy of the VM's disks needs "
                        + (diskBytes >> MEBI) + "Mi"));
    }

    private static long free(NodeInfo node, String location) {
        return node.location(location)
                .map(Location::freeSpace)
                .map(ByteSize::of)
                .orElse(0L);
    }

    private Optional<RejectionReason> hasTheProcessor(NodeInfo node) {
        return lacks(node, Capabilities::hardwareVirtualization)
                ? Optional.of(RejectionReason.of("KVM does not work on its host, and the guest uses it"))
                : lacksNesting(node)
                        .or(() -> RejectionReason.when(
                                requests.enlightenedVmcs()
                                        && node.virtualization()
                                                .filter(NodeVirtualization::enlightenedVmcs)
                                                .isEmpty(),
                                "its libvirt does not offer the enlightenment evmcs, which the guest uses"));
    }

    /** The guest keeps the processors that it was started with, whatever its node has by now. */
    private Optional<RejectionReason> lacksNesting(NodeInfo node) {
        if (requests.nested().isEmpty()) {
            return RejectionReason.when(
                    nests(source) && !nests(node),
                    "it does not offer nested virtualization, which the guest may have from " + source.name());
        }
        return requests.nested()
                .flatMap(NestedVirtualization::vendor)
                .filter(vendor -> node.virtualization()
                        .map(known -> !known.offers().equals(Optional.of(vendor)))
                        .orElse(!has(node, Capabilities::virtualizationBasedSecurity)))
                .map(vendor -> RejectionReason.of(
                        "it does not offer the nested virtualization of " + vendor + ", which the guest has"));
    }

    /** An agent of an earlier version only says whether. */
    private static boolean nests(NodeInfo node) {
        return node.virtualization()
                .map(known -> known.offers().isPresent())
                .orElse(has(node, Capabilities::virtualizationBasedSecurity));
    }

    private boolean lacks(NodeInfo node, Predicate<Capabilities> capability) {
        return has(source, capability) && !has(node, capability);
    }

    /** A newer QEMU can run the guest's machine type; an older one may not know it. */
    private Optional<RejectionReason> hasNoOlderHypervisor(NodeInfo node) {
        Optional<String> present = source.version(Versions::qemu);
        Optional<String> target = node.version(Versions::qemu);
        boolean older = present.isPresent()
                && target.isPresent()
                && new SoftwareVersion(target.get()).isOlderThan(new SoftwareVersion(present.get()));
        return RejectionReason.when(
                older,
                "its QEMU is older than the one on " + source.name(),
                () -> "its QEMU " + target.get() + " is older than " + present.get() + " on " + source.name());
    }

    private static boolean has(NodeInfo node, Predicate<Capabilities> capability) {
        return Optional.ofNullable(node.status())
                .map(status -> status.capabilities())
                .filter(capability)
                .isPresent();
    }
}
