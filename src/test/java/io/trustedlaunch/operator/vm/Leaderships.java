package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.custody.AssignmentKey;
import io.trustedlaunch.custody.Mark;
import io.trustedlaunch.custody.MarkKey;
import io.trustedlaunch.operator.node.Assignments;
import io.trustedlaunch.operator.node.KubeMarkedLease;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.operator.node.MarkedLease;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.FakeLeaderLease;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Leaderships for tests. */
public final class Leaderships {
    private static final String LEASE = "trusted-launch-operator";

    static final MarkKey KEY = MarkKey.derivedFrom(new byte[] {1});

    private Leaderships() {}

    public static Assignments assignments() {
        return assignments(1);
    }

    /** @param cluster another one has another key */
    public static Assignments assignments(int cluster) {
        return new Assignments(() -> AssignmentKey.derivedFrom(new byte[] {(byte) cluster}));
    }

    /** It has a Lease of its own, so that it stays the leader whatever else happens. */
    public static Leadership undisputed(String identity) {
        return takingOver(new FakeApiServer(), identity, () -> 0L);
    }

    /**
     * The same; but what it does to its mark also happens to the Lease that agents see.
     *
     * @param raised called before each mark
     */
    public static Leadership undisputed(String identity, Runnable raised) {
        FakeApiServer own = new FakeApiServer();
        take(own, identity);
        MarkedLease lease = lease(own);
        return leadership(identity, new Overheard(lease, raised), () -> 0L);
    }

    private record Overheard(MarkedLease lease, Runnable raised) implements MarkedLease {
        @Override
        public Optional<Lease> read() {
            return lease.read();
        }

        @Override
        public void mark(Lease read, Mark mark) {
            raised.run();
            lease.mark(read, mark);
        }

        @Override
        public void release(Lease read) {
            lease.release(read);
        }

        @Override
        public boolean isRenewalDue(Lease read) {
            return lease.isRenewalDue(read);
        }

        @Override
        public void pause() {
            lease.pause();
        }
    }

    /** A Lease with a mark that no leader has proved: for agents only. */
    public static void mark(FakeApiServer server, long number) {
        server.createIfAbsent(lease("leader"));
        server.setAnnotations(
                server.find(Lease.class, LEASE).orElseThrow(),
                Map.of(
                        Api.MARK,
                        MarkKey.derivedFrom(new byte[] {2}).issue(number).toString()));
    }

    /** It takes over the Lease on that API server, with the mark that is there. */
    public static Leadership takingOver(FakeApiServer server, String identity, LongSupplier nanoTime) {
        take(server, identity);
        return leadership(identity, lease(server), nanoTime);
    }

    private static void take(FakeApiServer server, String identity) {
        server.createIfAbsent(lease(identity));
        server.edit(Lease.class, LEASE, lease -> {
            lease.getSpec().setHolderIdentity(identity);
            return lease;
        });
    }

    private static MarkedLease lease(FakeApiServer server) {
        return new KubeMarkedLease(
                new FakeLeaderLease(server, LEASE), server, Duration.ofSeconds(2), () -> Instant.EPOCH);
    }

    private static Leadership leadership(String identity, MarkedLease lease, LongSupplier nanoTime) {
        return new Leadership(identity, lease, () -> KEY, nanoTime, reason -> {
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
