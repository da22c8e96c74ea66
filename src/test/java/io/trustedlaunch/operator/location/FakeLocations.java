package io.trustedlaunch.operator.location;

import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationStatus;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.testkit.FakeApiServer;
import java.time.InstantSource;

/** The real statuses of storage locations, of one process of the operator. */
public record FakeLocations(AgentLiveness liveness, InstantSource clock) {
    public void pass(FakeApiServer cache, ResourceWriter writer) {
        cache.seen(StorageLocation.class).forEach(location -> over(location, cache, writer));
    }

    private void over(StorageLocation location, FakeApiServer cache, ResourceWriter writer) {
        StorageLocationStatus status = LocationStatus.of(
                LocationFacts.of(location, cache.seen(ClusterNode.class).toList(), liveness, clock.instant()));
        if (status.equals(location.getStatus())) {
            return;
        }
        StorageLocation changed = new StorageLocation();
        changed.setMetadata(location.getMetadata());
        changed.setSpec(location.getSpec());
        changed.setStatus(status);
        cache.learn(writer.replaceStatus(changed));
    }
}
