package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.custody.MarkKey;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.testkit.FakeApiServer;
import java.util.Map;
import java.util.function.LongSupplier;

/** Leaderships for tests. */
final class Leaderships {
    static final String LEASE = "trusted-launch-operator";

    static final MarkKey KEY = MarkKey.derivedFrom(new byte[] {1});

    private Leaderships() {}

    /** It has a Lease of its own, so that it stays the leader whatever else happens. */
    static Leadership undisputed(String identity) {
        FakeApiServer server = new FakeApiServer();
        server.createIfAbsent(lease(identity));
        return over(server, identity, () -> 0L);
    }

    /** It holds the Lease on that API server. */
    static Leadership over(FakeApiServer server, String identity, LongSupplier nanoTime) {
        return new Leadership(
                identity,
                () -> server.find(Lease.class, LEASE),
                (lease, mark) -> server.setAnnotations(lease, Map.of(Api.MARK, mark.toString())),
                () -> KEY,
                nanoTime,
                reason -> {
                    throw new FakeOperator.Crash();
                });
    }

    static Lease lease(String holder) {
        return new LeaseBuilder()
                .withNewMetadata()
                .withName(LEASE)
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(holder)
                .endSpec()
                .build();
    }
}
