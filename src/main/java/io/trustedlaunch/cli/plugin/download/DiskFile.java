package io.trustedlaunch.cli.plugin.download;

import io.trustedlaunch.cli.CommandException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** What a disk is received into. What is not written is zero. */
public interface DiskFile {
    /**
     * Adds a part. No byte comes twice from an agent that keeps to the protocol.
     *
     * @param at at least 0
     * @param bytes of all that is received, the same each time; as the agent says
     * @throws CommandException if that is not what this can be made of
     */
    void write(long at, ByteBuffer part, long bytes) throws IOException;

    /** All of it has come, and it gets its name. */
    void publish(long bytes) throws IOException;
}
