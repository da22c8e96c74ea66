package io.trustedlaunch.bench;

import io.trustedlaunch.testkit.Lab;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The product on the hosts of a lab, while rows need it. */
final class Hosts implements AutoCloseable {
    private final Lanes lanes;
    private Optional<String> level = Optional.empty();

    Hosts(Lanes lanes) {
        this.lanes = lanes;
    }

    /** @param logLevel of operator and agents */
    void start(String logLevel) throws IOException, InterruptedException {
        if (!level.equals(Optional.of(logLevel))) {
            lanes.command("product", List.of("env", "LOG_LEVEL=" + logLevel, "bin/lab", "product", lab(), "restart"));
            level = Optional.of(logLevel);
        }
    }

    String lab() {
        return Lab.fromEnvironment().name();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        if (level.isPresent()) {
            lanes.command("product", List.of("bin/lab", "product", lab(), "stop"));
            level = Optional.empty();
        }
    }
}
