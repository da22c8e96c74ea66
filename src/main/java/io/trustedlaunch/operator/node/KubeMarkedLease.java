package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.controller.LeaderLease;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.custody.Mark;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** The marked Lease at a real API server. */
public final class KubeMarkedLease implements MarkedLease {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final LeaderLease lease;
    private final ResourceWriter writer;
    private final Duration quiet;
    private final InstantSource clock;

    /**
     * @param retryPeriod after which the election renews the Lease again
     * @param clock of the process that renews it
     */
    public KubeMarkedLease(LeaderLease lease, ResourceWriter writer, Duration retryPeriod, InstantSource clock) {
        this.lease = lease;
        this.writer = writer;
        // A write that has begun before the renewal takes less than the rest.
        this.quiet = retryPeriod.multipliedBy(9).dividedBy(10);
        this.clock = clock;
    }

    @Override
    public Optional<Lease> read() {
        return lease.read();
    }

    @Override
    public void release(Lease read) {
        lease.release(read);
    }

    @Override
    public void mark(Lease read, Mark mark) {
        writer.setAnnotations(read, Map.of(Api.MARK, mark.toString()));
    }

    @Override
    public boolean isRenewalDue(Lease read) {
        return Optional.ofNullable(read.getSpec().getRenewTime())
                .filter(renewed -> !clock.instant().isBefore(renewed.toInstant().plus(quiet)))
                .isPresent();
    }

    @Override
    public void pause() {
        LockSupport.parkNanos(PAUSE.toNanos());
    }
}
