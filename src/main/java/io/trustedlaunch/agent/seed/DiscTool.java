package io.trustedlaunch.agent.seed;

import java.io.IOException;
import java.nio.file.Path;

/** What makes a CD of a folder. */
public interface DiscTool {
    /** @param volume the name that the disc goes by */
    void write(String volume, Path files, Path image) throws IOException;
}
