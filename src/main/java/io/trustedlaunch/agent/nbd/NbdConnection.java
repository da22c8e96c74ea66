package io.trustedlaunch.agent.nbd;

import static io.trustedlaunch.agent.nbd.NbdProtocol.CHUNK_DATA;
import static io.trustedlaunch.agent.nbd.NbdProtocol.CHUNK_FAILED;
import static io.trustedlaunch.agent.nbd.NbdProtocol.CHUNK_HOLE;
import static io.trustedlaunch.agent.nbd.NbdProtocol.DISCONNECT;
import static io.trustedlaunch.agent.nbd.NbdProtocol.DONE;
import static io.trustedlaunch.agent.nbd.NbdProtocol.INVALID;
import static io.trustedlaunch.agent.nbd.NbdProtocol.IO_ERROR;
import static io.trustedlaunch.agent.nbd.NbdProtocol.MOST_BYTES;
import static io.trustedlaunch.agent.nbd.NbdProtocol.READ;
import static io.trustedlaunch.agent.nbd.NbdProtocol.REPLY_MAGIC;
import static io.trustedlaunch.agent.nbd.NbdProtocol.REQUEST_MAGIC;
import static io.trustedlaunch.agent.nbd.NbdProtocol.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/** One client of {@link NbdServer}, which answers its requests one after the other. */
final class NbdConnection {
    private static final int REQUEST_BYTES = 28;

    /** A longer request is answered in several pieces, so that a connection needs little memory. */
    private static final int PIECE_BYTES = 256 << 10;

    private final NbdStream stream;
    private final NbdExport export;
    private final ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);

    private record Request(long handle, long offset, int length) {}

    private NbdConnection(NbdStream stream, NbdExport export) {
        this.stream = stream;
        this.export = export;
    }

    /** Returns when the client leaves. */
    static void serve(NbdStream stream, Map<String, NbdExport> exports) throws IOException {
        NbdExport chosen = new NbdNegotiation(stream, exports).agree();
        new NbdConnection(stream, chosen).serve();
    }

    private void serve() throws IOException {
        while (true) {
            ByteBuffer head = stream.receive(REQUEST_BYTES);
            if (head.getInt() != REQUEST_MAGIC) {
                throw new NbdException("it sends no request");
            }
            head.getShort();
            int type = Short.toUnsignedInt(head.getShort());
            Request request = new Request(head.getLong(), head.getLong(), head.getInt());
            switch (type) {
                case READ -> read(request);
                case DISCONNECT -> {
                    return;
                }
                // What it sends with it is not read: it was told that nothing can be written.
                case WRITE -> throw new NbdException("it writes");
                default -> fail(request, INVALID);
            }
        }
    }

    private void read(Request request) throws IOException {
        int length = request.length();
        if (length < 1 || length > MOST_BYTES || request.offset() < 0 || request.offset() > export.bytes() - length) {
            fail(request, INVALID);
            return;
        }
        long end = request.offset() + length;
        for (long at = request.offset(); at < end; ) {
            long zeros;
            try {
                zeros = export.zeros(at, end - at);
                if (zeros == 0) {
                    export.read(at, piece.clear().limit((int) Math.min(PIECE_BYTES, end - at)));
                }
            } catch (IOException e) {
                fail(request, IO_ERROR);
                return;
            }
            at = zeros > 0 ? hole(request, at, (int) zeros, end) : data(request, at, end);
        }
    }

    private long hole(Request request, long at, int length, long end) throws IOException {
        chunk(request, at + length == end, CHUNK_HOLE, Long.BYTES + Integer.BYTES)
                .putLong(at)
                .putInt(length);
        stream.send();
        return at + length;
    }

    private long data(Request request, long at, long end) throws IOException {
        piece.flip();
        long next = at + piece.remaining();
        chunk(request, next == end, CHUNK_DATA, Long.BYTES + piece.remaining()).putLong(at);
        stream.send();
        stream.send(piece);
        return next;
    }

    private void fail(Request request, int error) throws IOException {
        chunk(request, true, CHUNK_FAILED, Integer.BYTES + Short.BYTES)
                .putInt(error)
                .putShort((short) 0);
        stream.send();
    }

    private ByteBuffer chunk(Request request, boolean isLast, int type, int length) {
        return stream.message()
                .putInt(REPLY_MAGIC)
                .putShort((short) (isLast ? DONE : 0))
                .putShort((short) type)
                .putLong(request.handle())
                .putInt(length);
    }
}
