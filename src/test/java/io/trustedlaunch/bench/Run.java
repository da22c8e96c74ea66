package io.trustedlaunch.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One run of the benchmark. */
final class Run implements AutoCloseable {
    private final Scale scale;
    private final List<String> operatorOptions;
    private final boolean explains;
    private final Lanes lanes;
    private final Hosts hosts;
    private Optional<Stand> stand = Optional.empty();
    private Optional<Levels> levels = Optional.empty();

    /**
     * @param operatorOptions of the operator's JVM
     * @param explains whether rows with real VMs print what their time goes to
     */
    Run(Scale scale, List<String> operatorOptions, boolean explains, Path logs) throws IOException {
        this.scale = scale;
        this.operatorOptions = operatorOptions;
        this.explains = explains;
        this.lanes = new Lanes(Files.createDirectories(logs));
        this.hosts = new Hosts(lanes);
    }

    Scale scale() {
        return scale;
    }

    boolean explains() {
        return explains;
    }

    Lanes lanes() {
        return lanes;
    }

    Hosts hosts() {
        return hosts;
    }

    /** Started for the first row that needs it. */
    Stand stand() throws IOException, InterruptedException {
        if (stand.isEmpty()) {
            hosts.close();
            Stand starting = new Stand(scale, operatorOptions, lanes.logs());
            try {
                starting.start();
            } catch (IOException | RuntimeException e) {
                starting.close();
                throw e;
            }
            stand = Optional.of(starting);
        }
        return stand.get();
    }

    Levels levels() throws IOException, InterruptedException {
        if (levels.isEmpty()) {
            levels = Optional.of(new Levels(stand()));
        }
        return levels.get();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        hosts.close();
        if (levels.isPresent()) {
            levels.get().close();
        }
        if (stand.isPresent()) {
            stand.get().close();
        }
    }
}
