package io.trustedlaunch.agent.node;

import io.trustedlaunch.agent.location.LocationState;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatus.Location;
import java.util.Objects;
import java.util.Optional;

/** What an agent reports of one storage location. */
public record PlayedLocationReport(String name, LocationState state) {
    /** @param there what it has reported of its host before */
    public Location after(Optional<ClusterNodeStatus> there) {
        return new LocationReport(
                        name,
                        state,
                        there.map(ClusterNodeStatus::storageLocations).filter(Objects::nonNull).stream()
                                .flatMap(reported -> reported.stream())
                                .filter(reported -> reported.name().equals(name))
                                .findFirst())
                .location();
    }
}
