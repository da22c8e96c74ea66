package io.trustedlaunch.backup.s3;

import io.trustedlaunch.backup.SingleByte;
import java.io.IOException;
import java.io.InputStream;

/**
 * The next bytes of a content that goes on. Its maker ends it: a thread of the HTTP client that still sends them then gets
 * nothing more of the content. Closing it does not close the content.
 */
final class BoundedStream extends InputStream {
    private final InputStream content;
    private long left;

    BoundedStream(InputStream content, long length) {
        this.content = content;
        this.left = length;
    }

    @Override
    public int read() throws IOException {
        return SingleByte.read(this);
    }

    @Override
    public synchronized int read(byte[] into, int offset, int length) throws IOException {
        if (left == 0) {
            return -1;
        }
        int read = content.read(into, offset, (int) Math.min(length, left));
        left -= Math.max(read, 0);
        return read;
    }

    synchronized void end() {
        left = 0;
    }
}
