package io.trustedlaunch.cli.plugin.download;

import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.download.DownloadFrame;
import io.trustedlaunch.download.DownloadReader;
import io.trustedlaunch.download.DownloadRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.IntConsumer;

/** Puts what comes after the size of the disk into a file, and nothing elsewhere than was asked for. */
final class DiskReceiver {
    private static final int PERCENT = 100;

    private final DownloadReader reader;
    private final DownloadRequest request;
    private final long disk;
    private final long bytes;
    private final String node;
    private final IntConsumer progress;

    /**
     * @param reader after its begin
     * @param disk the bytes of the disk
     * @param node that sends it
     */
    DiskReceiver(DownloadReader reader, DownloadRequest request, long disk, String node, IntConsumer progress) {
        this.reader = reader;
        this.request = request;
        this.disk = disk;
        this.bytes = request.length() == DownloadRequest.TO_THE_END ? disk - request.offset() : request.length();
        this.node = node;
        this.progress = progress;
    }

    /**
     * @return how many bytes there are, with zeros that have not been sent
     * @throws CommandException if that was not all
     */
    long receive(DiskFile file) throws IOException {
        while (true) {
            switch (next()) {
                case DownloadFrame.Data(long offset, ByteBuffer data) -> write(offset - request.offset(), data, file);
                case DownloadFrame.Failed(String why) -> throw lost(why);
                case DownloadFrame.End end -> {
                    if (bytes < 0 || request.offset() > disk - bytes) {
                        throw lost("the disk has only " + disk + " bytes");
                    }
                    return bytes;
                }
            }
        }
    }

    private void write(long at, ByteBuffer data, DiskFile file) throws IOException {
        long end = at + data.remaining();
        if (at < 0 || end > bytes) {
            throw lost("it sent a part of the disk that was not asked for");
        }
        file.write(at, data, bytes);
        progress.accept((int) (PERCENT * (double) end / bytes));
    }

    private DownloadFrame next() {
        try {
            return reader.next();
        } catch (IOException e) {
            throw lost(e.getMessage());
        }
    }

    private CommandException lost(String why) {
        return new CommandException("node " + node + " has not sent all of the disk: " + why);
    }
}
