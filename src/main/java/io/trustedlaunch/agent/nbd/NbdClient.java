package io.trustedlaunch.agent.nbd;

import static io.trustedlaunch.agent.nbd.NbdProtocol.BLOCK_STATUS;
import static io.trustedlaunch.agent.nbd.NbdProtocol.CHUNK_DATA;
import static io.trustedlaunch.agent.nbd.NbdProtocol.CHUNK_ERROR;
import static io.trustedlaunch.agent.nbd.NbdProtocol.CHUNK_HOLE;
import static io.trustedlaunch.agent.nbd.NbdProtocol.CHUNK_NONE;
import static io.trustedlaunch.agent.nbd.NbdProtocol.CHUNK_STATUS;
import static io.trustedlaunch.agent.nbd.NbdProtocol.DONE;
import static io.trustedlaunch.agent.nbd.NbdProtocol.FLUSH;
import static io.trustedlaunch.agent.nbd.NbdProtocol.READ;
import static io.trustedlaunch.agent.nbd.NbdProtocol.REPLY_MAGIC;
import static io.trustedlaunch.agent.nbd.NbdProtocol.REQUEST_MAGIC;
import static io.trustedlaunch.agent.nbd.NbdProtocol.SIMPLE_REPLY_MAGIC;
import static io.trustedlaunch.agent.nbd.NbdProtocol.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One connection to one export. Nothing that the server says is believed without a check: it can serve wrong data, and no more. A
 * server that is silent blocks the caller until another thread closes the connection.
 *
 * <p>Not thread-safe, but for {@link #close}. See the NBD protocol, doc/proto.md of the reference implementation.
 */
public final class NbdClient implements AutoCloseable {
    /** What QEMU takes in one request. */
    public static final int MOST_BYTES = NbdProtocol.MOST_BYTES;

    /** After the magic number. */
    private static final int HEAD_BYTES = 16;

    /** The extents of a context in one reply; QEMU sends a quarter of that. */
    private static final int MOST_EXTENTS = 8191;

    private static final int EXTENT_BYTES = 8;

    private final NbdStream stream;
    private final NbdHandshake.Agreed agreed;
    private long lastRequest;

    private record Chunk(boolean done, int type, int length) {}

    private NbdClient(NbdStream stream, NbdHandshake.Agreed agreed) {
        this.stream = stream;
        this.agreed = agreed;
    }

    /**
     * @param contexts of {@link NbdContext} that {@link #status} tells of
     * @throws IOException if nothing listens there, or it does not serve this export with these contexts
     */
    public static NbdClient open(Path socket, String export, List<String> contexts) throws IOException {
        NbdStream stream = NbdStream.connect(socket);
        try {
            return new NbdClient(stream, new NbdHandshake(stream).agree(export, contexts));
        } catch (IOException e) {
            stream.close();
            throw e;
        }
    }

    /** The size of the export. */
    public long bytes() {
        return agreed.bytes();
    }

    /** Fills all that remains of the target with what the disk has there: at most {@link #MOST_BYTES}. */
    public void read(long offset, ByteBuffer target) throws IOException {
        int length = target.remaining();
        requireInside(offset, length);
        request(READ, offset, length);
        long next = offset;
        long end = offset + length;
        Chunk chunk;
        do {
            chunk = chunk();
            switch (chunk.type()) {
                case CHUNK_DATA -> next += data(chunk, next, end, target);
                case CHUNK_HOLE -> next += hole(chunk, next, end, target);
                case CHUNK_NONE -> requireEnd(chunk);
                default -> throw refusal(chunk);
            }
        } while (!chunk.done());
        if (next != end) {
            throw new NbdException("it served " + (next - offset) + " of " + length + " bytes at " + offset);
        }
    }

    /** Writes all that remains of the buffer: at most {@link #MOST_BYTES}. */
    public void write(long offset, ByteBuffer from) throws IOException {
        requireInside(offset, from.remaining());
        request(WRITE, offset, from.remaining());
        stream.send(from);
        requireDone();
    }

    /** What was written before, over whichever connection, survives a power cut when this returns. */
    public void flush() throws IOException {
        request(FLUSH, 0, 0);
        requireDone();
    }

    /** A reply without data may be a simple one. */
    private void requireDone() throws IOException {
        int magic = stream.receive(Integer.BYTES).getInt();
        if (magic == SIMPLE_REPLY_MAGIC) {
            ByteBuffer reply = stream.receive(Integer.BYTES + Long.BYTES);
            int error = reply.getInt();
            if (reply.getLong() != lastRequest) {
                throw new NbdException("it answers what was not asked");
            }
            if (error != 0) {
                throw NbdException.refused(error, "");
            }
            return;
        }
        Chunk chunk = chunk(magic);
        if (chunk.type() != CHUNK_NONE) {
            throw refusal(chunk);
        }
        requireEnd(chunk);
    }

    /** QEMU sends pieces in order. */
    private int data(Chunk chunk, long next, long end, ByteBuffer target) throws IOException {
        int bytes = chunk.length() - Long.BYTES;
        if (bytes <= 0 || stream.receive(Long.BYTES).getLong() != next || bytes > end - next) {
            throw new NbdException("it serves what was not asked");
        }
        stream.receive(bytes, target);
        return bytes;
    }

    private int hole(Chunk chunk, long next, long end, ByteBuffer target) throws IOException {
        requireLength(chunk, Long.BYTES + Integer.BYTES);
        ByteBuffer hole = stream.receive(chunk.length());
        if (hole.getLong() != next) {
            throw new NbdException("it serves what was not asked");
        }
        int bytes = hole.getInt();
        if (bytes <= 0 || bytes > end - next) {
            throw new NbdException("it serves what was not asked");
        }
        zero(target, bytes);
        return bytes;
    }

    private static void zero(ByteBuffer target, int bytes) {
        for (int left = bytes; left > 0; ) {
            if (left >= Long.BYTES) {
                target.putLong(0);
                left -= Long.BYTES;
            } else {
                target.put((byte) 0);
                left--;
            }
        }
    }

    /**
     * What each context, in the order of {@link #open}, says of a part of the disk, from its beginning on. All are told of the same
     * length: at least one piece, and not beyond the part.
     */
    public List<List<NbdExtent>> status(long offset, int length) throws IOException {
        requireInside(offset, length);
        request(BLOCK_STATUS, offset, length);
        List<List<NbdExtent>> told = new ArrayList<>();
        agreed.contexts().forEach(context -> told.add(List.of()));
        Chunk chunk;
        do {
            chunk = chunk();
            switch (chunk.type()) {
                case CHUNK_STATUS -> {
                    int context = context(chunk);
                    if (!told.get(context).isEmpty()) {
                        throw new NbdException("it says the same twice");
                    }
                    told.set(context, extents(chunk, offset, length));
                }
                case CHUNK_NONE -> requireEnd(chunk);
                default -> throw refusal(chunk);
            }
        } while (!chunk.done());
        return asFarAsAll(told);
    }

    private int context(Chunk chunk) throws IOException {
        int extents = (chunk.length() - Integer.BYTES) / EXTENT_BYTES;
        requireLength(chunk, Integer.BYTES + extents * EXTENT_BYTES);
        if (extents < 1 || extents > MOST_EXTENTS) {
            throw new NbdException("it tells of " + extents + " pieces");
        }
        int context = agreed.contexts().indexOf(stream.receive(Integer.BYTES).getInt());
        if (context < 0) {
            throw new NbdException("it tells what was not asked");
        }
        return context;
    }

    private List<NbdExtent> extents(Chunk chunk, long offset, int length) throws IOException {
        ByteBuffer data = stream.receive(chunk.length() - Integer.BYTES);
        List<NbdExtent> extents = new ArrayList<>();
        long next = offset;
        while (data.hasRemaining()) {
            long bytes = Integer.toUnsignedLong(data.getInt());
            int flags = data.getInt();
            if (bytes == 0) {
                throw new NbdException("it tells of a piece without a byte");
            }
            // The last one may be longer than what was asked; others after it say nothing.
            long inside = Math.min(bytes, offset + length - next);
            if (inside > 0) {
                extents.add(new NbdExtent(next, inside, flags));
                next += inside;
            }
        }
        return extents;
    }

    private static List<List<NbdExtent>> asFarAsAll(List<List<NbdExtent>> told) throws NbdException {
        if (told.stream().anyMatch(List::isEmpty)) {
            throw new NbdException("it does not tell what was asked");
        }
        long end = told.stream().mapToLong(one -> one.getLast().end()).min().orElse(0);
        return told.stream()
                .map(one -> one.stream()
                        .filter(extent -> extent.offset() < end)
                        .map(extent -> new NbdExtent(
                                extent.offset(), Math.min(extent.end(), end) - extent.offset(), extent.flags()))
                        .toList())
                .toList();
    }

    private void requireInside(long offset, int length) {
        if (length < 1 || length > MOST_BYTES || offset < 0 || offset > bytes() - length) {
            throw new IllegalArgumentException(length + " bytes at " + offset + " of a disk of " + bytes());
        }
    }

    private void request(int type, long offset, int length) throws IOException {
        lastRequest++;
        stream.message()
                .putInt(REQUEST_MAGIC)
                .putShort((short) 0)
                .putShort((short) type)
                .putLong(lastRequest)
                .putLong(offset)
                .putInt(length);
        stream.send();
    }

    private Chunk chunk() throws IOException {
        return chunk(stream.receive(Integer.BYTES).getInt());
    }

    private Chunk chunk(int magic) throws IOException {
        ByteBuffer head = stream.receive(HEAD_BYTES);
        int flags = head.getShort();
        int type = Short.toUnsignedInt(head.getShort());
        long request = head.getLong();
        int length = head.getInt();
        if (magic != REPLY_MAGIC || request != lastRequest || length < 0) {
            throw new NbdException("it answers what was not asked");
        }
        return new Chunk((flags & DONE) != 0, type, length);
    }

    private static void requireLength(Chunk chunk, int length) throws NbdException {
        if (chunk.length() != length) {
            throw new NbdException("it sends a reply of " + chunk.length() + " bytes where " + length + " belong");
        }
    }

    private static void requireEnd(Chunk chunk) throws NbdException {
        requireLength(chunk, 0);
        if (!chunk.done()) {
            throw new NbdException("it says nothing, and does not come to an end");
        }
    }

    private NbdException refusal(Chunk chunk) throws IOException {
        if ((chunk.type() & CHUNK_ERROR) == 0 || chunk.length() < Integer.BYTES + Short.BYTES) {
            return new NbdException("it sends a reply of an unknown type");
        }
        ByteBuffer error = stream.receive(chunk.length());
        int number = error.getInt();
        int text = Math.min(Short.toUnsignedInt(error.getShort()), error.remaining());
        return NbdException.refused(number, ": " + NbdHandshake.text(error.slice(error.position(), text)));
    }

    /** Also ends what another thread reads. */
    @Override
    public void close() throws IOException {
        stream.close();
    }
}
