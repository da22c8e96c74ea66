package io.trustedlaunch.agent.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Remembers what was measured. */
public final class RecordedWork implements WorkMeter {
    private final List<Duration> succeeded = new ArrayList<>();
    private int failures;

    @Override
    public void succeeded(Duration took) {
        succeeded.add(took);
    }

    @Override
    public void failed() {
        failures++;
    }

    public List<Duration> times() {
        return succeeded;
    }

    public int failures() {
        return failures;
    }
}
