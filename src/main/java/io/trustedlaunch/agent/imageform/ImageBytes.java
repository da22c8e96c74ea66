package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/** The bytes of an image file. No read goes past its end. */
record ImageBytes(SeekableByteChannel channel, long size) {
    private static final int CHUNK = 1 << 16;

    static ImageBytes of(SeekableByteChannel channel) throws IOException {
        return new ImageBytes(channel, channel.size());
    }

    /** @param outside the fault if the range is not inside the file */
    ByteBuffer read(long offset, int length, ImageFault outside) throws IOException, FaultyImageException {
        requireInside(offset, length, outside);
        ByteBuffer bytes = ByteBuffer.allocate(length);
        channel.position(offset);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new IOException("the image file was truncated while it was read");
            }
        }
        return bytes.flip();
    }

    /** Up to {@code length} bytes, fewer at the end of the file. */
    byte[] upTo(long offset, int length) throws IOException, FaultyImageException {
        byte[] bytes = new byte[Math.clamp(size - offset, 0, length)];
        read(offset, bytes.length, ImageFault.TableOutside).get(bytes);
        return bytes;
    }

    void requireInside(long offset, long length, ImageFault outside) throws FaultyImageException {
        when(offset < 0 || length < 0 || length > size || offset > size - length, outside);
    }

    interface Visitor {
        void visit(long index, long entry) throws IOException, FaultyImageException;
    }

    /** Reads a table in chunks, so that its length does not determine the memory used. */
    void visit(ImageTable table, Visitor visitor) throws IOException, FaultyImageException {
        requireInside(table.offset(), table.bytes(), ImageFault.TableOutside);
        for (long done = 0; done < table.bytes(); done += CHUNK) {
            int length = (int) Math.min(CHUNK, table.bytes() - done);
            ByteBuffer chunk =
                    read(table.offset() + done, length, ImageFault.TableOutside).order(table.order());
            for (long index = done / table.width(); chunk.hasRemaining(); index++) {
                visitor.visit(index, table.next(chunk));
            }
        }
    }
}
