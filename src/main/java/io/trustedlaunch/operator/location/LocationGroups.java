package io.trustedlaunch.operator.location;

import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.placement.SharedLocations;
import io.trustedlaunch.placement.SharedLocations.Folder;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Which nodes share which locations, by the status of the locations. Nodes whose agent is down stay in their group. */
public final class LocationGroups {
    private LocationGroups() {}

    public static SharedLocations of(Collection<StorageLocation> locations) {
        return new SharedLocations(locations.stream()
                .filter(location -> location.getStatus() != null)
                .collect(Collectors.toMap(location -> location.getMetadata().getName(), LocationGroups::folders)));
    }

    private static List<Folder> folders(StorageLocation location) {
        return Optional.ofNullable(location.getStatus().groups()).orElseGet(List::of).stream()
                .map(group -> new Folder(Set.copyOf(group.nodeNames()), Optional.ofNullable(group.locksShared())))
                .toList();
    }
}
