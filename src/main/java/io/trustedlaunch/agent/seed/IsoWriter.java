package io.trustedlaunch.agent.seed;

import java.io.IOException;
import java.nio.file.Path;

/** Makes an ISO image from a folder. */
public interface IsoWriter {
    /** @param volume the label of the image */
    void write(String volume, Path files, Path image) throws IOException;
}
