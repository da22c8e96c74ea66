package io.trustedlaunch.download;

import java.nio.ByteBuffer;

/** What an agent sends after the size of the disk. */
public sealed interface DownloadFrame {
    /**
     * A part of the disk.
     *
     * @param bytes valid until the next frame is read
     */
    record Data(long offset, ByteBuffer bytes) implements DownloadFrame {}

    /** The client has got all that it asked for. */
    record End() implements DownloadFrame {}

    /** It gets no more. */
    record Failed(String why) implements DownloadFrame {}
}
