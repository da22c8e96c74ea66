package io.trustedlaunch.testkit;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.trustedlaunch.controller.LeaderLease;
import java.util.Map;
import java.util.Optional;

/** The leader Lease of that name at an API server in memory. */
public record FakeLeaderLease(FakeApiServer server, String name) implements LeaderLease {
    @Override
    public Optional<Lease> read() {
        return server.find(Lease.class, name);
    }

    @Override
    public void release(Lease read) {
        server.mergeSpec(read, Map.of("holderIdentity", ""));
    }
}
