package io.trustedlaunch.agent.fillserver;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.files.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Servers in memory, which a test can kill. They outlive the agents of the test. */
public final class FakeFillServers implements FillServers {
    private final Path folder;
    private final Map<UUID, FillContent> served = new HashMap<>();
    public final List<FillContent> handedOver = new ArrayList<>();
    public Optional<Problem> trouble = Optional.empty();
    public Optional<IOException> failure = Optional.empty();

    public FakeFillServers(Path folder) {
        this.folder = folder;
    }

    @Override
    public void serve(UUID fill, FillContent content) throws IOException {
        if (failure.isPresent()) {
            throw failure.get();
        }
        Files.createDirectories(socket(fill).getParent());
        served.put(fill, content);
        handedOver.add(content);
    }

    public void die(UUID fill) {
        served.remove(fill);
    }

    @Override
    public boolean isServing(UUID fill) {
        return served.containsKey(fill);
    }

    @Override
    public Optional<Problem> trouble(UUID fill) {
        return isServing(fill) ? trouble : Optional.empty();
    }

    @Override
    public void end(UUID fill) throws IOException {
        FileTree.of(socket(fill).getParent()).delete();
        served.remove(fill);
    }

    @Override
    public Path socket(UUID fill) {
        return folder.resolve(fill.toString()).resolve("nbd.sock");
    }
}
