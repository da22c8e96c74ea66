package io.trustedlaunch.placement;

import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.ClusterNodeStatus.Capabilities;
import io.trustedlaunch.api.ClusterNodeStatus.Location;
import io.trustedlaunch.api.ClusterNodeStatus.Versions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** What a node must have, beside what every VM needs, to go on with a guest that runs on another. */
final class MovePredicates {
    private static final int MEBI = 20;

    private final Requests demand;
    private final NodeInfo source;
    private final long diskBytes;

    /** @param diskBytes what the guest's disks may come to */
    MovePredicates(Requests demand, long diskBytes, NodeInfo source) {
        this.demand = demand;
        this.source = source;
        this.diskBytes = diskBytes;
    }

    List<PlacementPredicate> all() {
        return List.of(
                this::takesPartInMoves,
                this::hasTheDisksOrRoomForThem,
                this::hasTheProcessor,
                this::hasNoOlderHypervisor);
    }

    private Optional<RejectionReason> takesPartInMoves(NodeInfo node) {
        return RejectionReason.when(
                node.status() == null || node.status().migrationPort() == null,
                "its agent does not take part in live migrations (it has told no migrationPort)");
    }

    /** What is not proved to be shared is copied. */
    private Optional<RejectionReason> hasTheDisksOrRoomForThem(NodeInfo node) {
        return demand.locations().stream()
                .filter(location -> !node.sharesLocation(location, source.name()))
                .filter(location -> free(node, location) < diskBytes)
                .findFirst()
                .map(location ->
                        RejectionReason.anywhere("it is not proved to share storage location " + location + " with "
                                + source.name()
                                + " (see the location's condition Shared), and for a copy of the VM's disks it has "
                                + (free(node, location) >> MEBI) + "Mi free there, of " + (diskBytes >> MEBI) + "Mi"));
    }

    private static long free(NodeInfo node, String location) {
        return node.location(location)
                .map(Location::freeSpace)
                .map(ByteSize::of)
                .orElse(0L);
    }

    private Optional<RejectionReason> hasTheProcessor(NodeInfo node) {
        return lacks(node, Capabilities::hardwareVirtualization)
                ? Optional.of(RejectionReason.anywhere("KVM does not work there, and the guest runs with it"))
                : RejectionReason.when(
                        lacks(node, Capabilities::virtualizationBasedSecurity),
                        "it does not offer what virtualization-based security in the guest needs, which "
                                + source.name() + " does");
    }

    private boolean lacks(NodeInfo node, Predicate<Capabilities> capability) {
        return has(source, capability) && !has(node, capability);
    }

    /** A guest goes on under a newer QEMU; an older one does not know its machine. */
    private Optional<RejectionReason> hasNoOlderHypervisor(NodeInfo node) {
        Optional<String> here = qemu(source);
        Optional<String> there = qemu(node);
        boolean older = here.isPresent()
                && there.isPresent()
                && !there.equals(here)
                && Arrays.compare(numbers(there.get()), numbers(here.get())) < 0;
        return RejectionReason.when(
                older,
                "its QEMU is older than that on " + source.name(),
                () -> "its QEMU " + there.get() + " is older than " + here.get() + " on " + source.name());
    }

    private static Optional<String> qemu(NodeInfo node) {
        return Optional.ofNullable(node.status())
                .map(status -> status.versions())
                .map(Versions::qemu);
    }

    /** The first two: the rest are corrections. */
    private static int[] numbers(String version) {
        return Arrays.stream(version.split("[^0-9]+"))
                .filter(part -> !part.isEmpty() && part.length() < 10)
                .limit(2)
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    private static boolean has(NodeInfo node, Predicate<Capabilities> capability) {
        return Optional.ofNullable(node.status())
                .map(status -> status.capabilities())
                .filter(capability)
                .isPresent();
    }
}
