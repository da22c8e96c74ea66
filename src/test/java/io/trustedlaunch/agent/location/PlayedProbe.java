package io.trustedlaunch.agent.location;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/** The real probe of one location, as {@link LocationWatch} runs it, in the time of a test. */
public final class PlayedProbe implements AutoCloseable {
    public static final Duration INTERVAL = LocationProbe.CHECK_INTERVAL;

    private final LocationProbe probe;
    private Optional<LocationState> last = Optional.empty();

    /** @param firstBeat different at each start of the agent */
    public PlayedProbe(
            Path location,
            LocationCheck check,
            String nodeName,
            LocationToken token,
            LongSupplier nanoTime,
            long firstBeat) {
        this.probe = new LocationProbe(location, check, nodeName, token, new OpenFileLocks(), nanoTime, firstBeat);
    }

    /** @return whether it has inspected the location, which is not due every time */
    public boolean run() {
        Optional<LocationState> before = last;
        last = Optional.of(probe.state());
        return before.filter(state -> state == last.get()).isEmpty();
    }

    /** As its last inspection found it; empty before the first one. */
    public Optional<LocationState> state() {
        return last;
    }

    /** As {@link LocationWatch#look}. */
    public Stillness look(String node) {
        return probe.look(node);
    }

    /** As its process ends. */
    @Override
    public void close() {
        probe.close();
    }
}
