package io.trustedlaunch.placement;

import io.trustedlaunch.api.ClusterNodeStatus.Capabilities;
import io.trustedlaunch.api.ClusterNodeStatus.Versions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** What a node must have, beside what every VM needs, to go on with a guest that runs on another. */
final class MovePredicates {
    private final Candidate source;

    private MovePredicates(Candidate source) {
        this.source = source;
    }

    static List<PlacementPredicate> from(Candidate source) {
        MovePredicates predicates = new MovePredicates(source);
        return List.of(
                predicates::takesPartInMoves,
                predicates::sharesTheFolders,
                predicates::hasTheProcessor,
                predicates::hasNoOlderHypervisor);
    }

    private Optional<String> takesPartInMoves(Demand demand, Candidate node) {
        return node.status() == null || node.status().migrationPort() == null
                ? Optional.of("its agent does not take part in live migrations (it has told no migrationPort)")
                : Optional.empty();
    }

    private Optional<String> sharesTheFolders(Demand demand, Candidate node) {
        return demand.locations().stream()
                .filter(location -> !node.sharesLocation(location, source.name()))
                .findFirst()
                .map(location -> "it is not proved to share storage location " + location + " with " + source.name()
                        + " (see the location's condition Shared)");
    }

    private Optional<String> hasTheProcessor(Demand demand, Candidate node) {
        if (has(source, Capabilities::hardwareVirtualization) && !has(node, Capabilities::hardwareVirtualization)) {
            return Optional.of("KVM does not work there, and the guest runs with it");
        }
        return has(source, Capabilities::virtualizationBasedSecurity)
                        && !has(node, Capabilities::virtualizationBasedSecurity)
                ? Optional.of("it does not offer what virtualization-based security in the guest needs, which "
                        + source.name() + " does")
                : Optional.empty();
    }

    /** A guest goes on under a newer QEMU; an older one does not know its machine. */
    private Optional<String> hasNoOlderHypervisor(Demand demand, Candidate node) {
        Optional<String> here = qemu(source);
        Optional<String> there = qemu(node);
        return here.isPresent() && there.isPresent() && Arrays.compare(numbers(there.get()), numbers(here.get())) < 0
                ? Optional.of("its QEMU " + there.get() + " is older than " + here.get() + " on " + source.name())
                : Optional.empty();
    }

    private static Optional<String> qemu(Candidate node) {
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

    private static boolean has(Candidate node, Predicate<Capabilities> capability) {
        return Optional.ofNullable(node.status())
                .map(status -> status.capabilities())
                .filter(capability)
                .isPresent();
    }
}
