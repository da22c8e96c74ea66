package io.trustedlaunch.agent.host;

import java.time.Duration;

/** Measures work that is done again and again. Both methods return at once. */
public interface WorkMeter {
    WorkMeter NONE = new WorkMeter() {
        @Override
        public void succeeded(Duration took) {}

        @Override
        public void failed() {}
    };

    void succeeded(Duration took);

    void failed();
}
