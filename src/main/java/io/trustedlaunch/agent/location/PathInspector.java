package io.trustedlaunch.agent.location;

import java.nio.file.Path;

/** Looks at what a path is on this host. */
public interface PathInspector {
    PathFacts look(Path path);
}
