package io.trustedlaunch.agent.location;

import java.nio.file.Path;

/** Inspects a path of this host. */
public interface PathInspector {
    PathFacts inspect(Path path);
}
