package io.trustedlaunch.agent.imagesource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much room the file system of a file has. */
@FunctionalInterface
interface FreeSpace {
    FreeSpace OF_ITS_FILE_SYSTEM = file -> Files.getFileStore(file).getUsableSpace();

    long bytes(Path file) throws IOException;
}
