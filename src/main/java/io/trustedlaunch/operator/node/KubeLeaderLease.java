package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.custody.Mark;
import io.trustedlaunch.operator.kube.ResourceWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** The leader Lease at a real API server. */
public final class KubeLeaderLease implements LeaderLease {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final Supplier<Optional<Lease>> reader;
    private final ResourceWriter writer;
    private final Duration quiet;
    private final InstantSource clock;

    /**
     * @param reader reads the Lease from the API server
     * @param retryPeriod after which the election renews the Lease again
     * @param clock of the process that renews it
     */
    public KubeLeaderLease(
            Supplier<Optional<Lease>> reader, ResourceWriter writer, Duration retryPeriod, InstantSource clock) {
        this.reader = reader;
        this.writer = writer;
        // A write that has begun before the renewal takes less than the rest.
        this.quiet = retryPeriod.multipliedBy(9).dividedBy(10);
        this.clock = clock;
    }

    @Override
    public Optional<Lease> read() {
        return reader.get();
    }

    @Override
    public void mark(Lease read, Mark mark) {
        writer.setAnnotations(read, Map.of(Api.MARK, mark.toString()));
    }

    @Override
    public void release(Lease read) {
        writer.mergeSpec(read, Map.of("holderIdentity", ""));
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
