package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.trustedlaunch.custody.MarkKey;
import io.trustedlaunch.operator.node.KubeLeaderLease;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.testkit.FakeApiServer;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/** Leaderships for tests. */
public final class Leaderships {
    private static final String LEASE = "trusted-launch-operator";

    static final MarkKey KEY = MarkKey.derivedFrom(new byte[] {1});

    private Leaderships() {}

    /** It has a Lease of its own, so that it stays the leader whatever else happens. */
    public static Leadership undisputed(String identity) {
        return takingOver(new FakeApiServer(), identity, () -> 0L);
    }

    /** It takes over the Lease on that API server, with the mark that is there. */
    public static Leadership takingOver(FakeApiServer server, String identity, LongSupplier nanoTime) {
        server.createIfAbsent(lease(identity));
        server.edit(Lease.class, LEASE, lease -> {
            lease.getSpec().setHolderIdentity(identity);
            return lease;
        });
        return new Leadership(
                identity,
                new KubeLeaderLease(
                        () -> server.find(Lease.class, LEASE), server, Duration.ofSeconds(2), () -> Instant.EPOCH),
                () -> KEY,
                nanoTime,
                reason -> {
                    throw new FakeOperator.Crash();
                });
    }

    private static Lease lease(String holder) {
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
