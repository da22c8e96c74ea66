package io.trustedlaunch.agent.imagesource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The free space of a file's file system. */
@FunctionalInterface
interface FreeSpace {
    FreeSpace OF_ITS_FILE_SYSTEM = file -> Files.getFileStore(file).getUsableSpace();

    long bytes(Path file) throws IOException;
}
