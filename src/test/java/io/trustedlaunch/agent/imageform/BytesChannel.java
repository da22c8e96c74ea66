package io.trustedlaunch.agent.imageform;

import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/** A file in memory, filled up to its size with zeros. */
final class BytesChannel implements SeekableByteChannel {
    private final ByteBuffer bytes;
    private final long size;
    private long position;

    BytesChannel(ByteBuffer bytes, long size) {
        this.bytes = bytes;
        this.size = size;
    }

    static BytesChannel of(ByteBuffer bytes) {
        return new BytesChannel(bytes, bytes.capacity());
    }

    @Override
    public int read(ByteBuffer into) {
        if (position >= size) {
            return -1;
        }
        int length = (int) Math.min(into.remaining(), size - position);
        int known = (int) Math.clamp(bytes.capacity() - position, 0, length);
        if (known > 0) {
            into.put(bytes.slice((int) position, known));
        }
        into.put(new byte[length - known]);
        position += length;
        return length;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) {
        position = newPosition;
        return this;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int write(ByteBuffer from) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SeekableByteChannel truncate(long newSize) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
