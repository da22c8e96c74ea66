package io.trustedlaunch.agent.nbd;

import static io.trustedlaunch.agent.nbd.NbdProtocol.FIXED_NEWSTYLE;
import static io.trustedlaunch.agent.nbd.NbdProtocol.INFO_EXPORT;
import static io.trustedlaunch.agent.nbd.NbdProtocol.MAGIC;
import static io.trustedlaunch.agent.nbd.NbdProtocol.NO_ZEROES;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_ACK;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_GO;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_IS_INFO;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_MAGIC;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_META_CONTEXT;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_REPLY_MAGIC;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_SET_META_CONTEXT;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_STRUCTURED_REPLY;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Agrees with a server on an export, structured replies and contexts: "fixed newstyle negotiation" in the protocol. */
record NbdHandshake(NbdStream stream) {
    /** A server that says more than this before it agrees wants to keep us busy. */
    private static final int MOST_REPLIES = 64;

    private static final int MOST_TEXT = 4096;

    /**
     * @param bytes of the export
     * @param contexts the server's numbers of those that were asked for, in their order
     */
    record Agreed(long bytes, List<Integer> contexts) {}

    private record Reply(int type, ByteBuffer data) {}

    Agreed agree(String export, List<String> contexts) throws IOException {
        greet();
        request(OPTION_STRUCTURED_REPLY, new byte[0]);
        requireAck(reply(OPTION_STRUCTURED_REPLY), "structured replies");
        List<Integer> numbers = contexts.isEmpty() ? List.of() : numbers(export, contexts);
        return new Agreed(go(export), numbers);
    }

    private void greet() throws IOException {
        ByteBuffer greeting = stream.receive(18);
        if (greeting.getLong() != MAGIC
                || greeting.getLong() != OPTION_MAGIC
                || (greeting.getShort() & (FIXED_NEWSTYLE | NO_ZEROES)) != (FIXED_NEWSTYLE | NO_ZEROES)) {
            throw new NbdException("it is no NBD server of a kind that is known");
        }
        stream.message().putInt(FIXED_NEWSTYLE | NO_ZEROES);
        stream.send();
    }

    private void request(int option, byte[] data) throws IOException {
        stream.message()
                .putLong(OPTION_MAGIC)
                .putInt(option)
                .putInt(data.length)
                .put(data);
        stream.send();
    }

    private Reply reply(int option) throws IOException {
        ByteBuffer head = stream.receive(20);
        long magic = head.getLong();
        int of = head.getInt();
        int type = head.getInt();
        int length = head.getInt();
        if (magic != OPTION_REPLY_MAGIC || of != option || length < 0) {
            throw new NbdException("it answers what was not asked");
        }
        ByteBuffer data = stream.receive(length);
        if (type < 0) {
            throw new NbdException("it refuses: " + text(data));
        }
        return new Reply(type, data);
    }

    private static void requireAck(Reply reply, String what) throws NbdException {
        if (reply.type() != OPTION_ACK) {
            throw new NbdException("it does not agree to " + what);
        }
    }

    private List<Integer> numbers(String export, List<String> contexts) throws IOException {
        request(OPTION_SET_META_CONTEXT, metaContext(export, contexts));
        List<Integer> numbers = new ArrayList<>();
        for (Reply reply = reply(OPTION_SET_META_CONTEXT); reply.type() != OPTION_ACK; ) {
            // In the order in which they were asked for, each once.
            if (reply.type() != OPTION_META_CONTEXT
                    || numbers.size() == contexts.size()
                    || reply.data().remaining() < Integer.BYTES) {
                throw new NbdException("it answers what was not asked");
            }
            int number = reply.data().getInt();
            String name = text(reply.data());
            if (!name.equals(contexts.get(numbers.size())) || numbers.contains(number)) {
                throw new NbdException("it does not serve " + contexts.get(numbers.size()));
            }
            numbers.add(number);
            reply = reply(OPTION_SET_META_CONTEXT);
        }
        if (numbers.size() < contexts.size()) {
            throw new NbdException("it does not serve " + contexts.get(numbers.size()));
        }
        return List.copyOf(numbers);
    }

    private static byte[] metaContext(String export, List<String> contexts) {
        ByteBuffer data = ByteBuffer.allocate(MOST_TEXT * 4);
        put(data, export);
        data.putInt(contexts.size());
        contexts.forEach(context -> put(data, context));
        byte[] bytes = new byte[data.position()];
        data.flip().get(bytes);
        return bytes;
    }

    private static void put(ByteBuffer data, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        data.putInt(bytes.length).put(bytes);
    }

    private long go(String export) throws IOException {
        byte[] name = export.getBytes(UTF_8);
        ByteBuffer data = ByteBuffer.allocate(Integer.BYTES + name.length + Short.BYTES);
        data.putInt(name.length).put(name).putShort((short) 0);
        request(OPTION_GO, data.array());
        long bytes = -1;
        for (int replies = 0; replies < MOST_REPLIES; replies++) {
            Reply reply = reply(OPTION_GO);
            if (reply.type() == OPTION_ACK) {
                if (bytes < 0) {
                    throw new NbdException("it does not say how large " + export + " is");
                }
                return bytes;
            }
            if (reply.type() == OPTION_IS_INFO
                    && reply.data().remaining() >= Short.BYTES + Long.BYTES
                    && reply.data().getShort() == INFO_EXPORT) {
                bytes = reply.data().getLong();
            }
        }
        throw new NbdException("it does not come to an end");
    }

    /** For people; without what a terminal would obey. */
    static String text(ByteBuffer data) {
        byte[] bytes = new byte[Math.min(data.remaining(), MOST_TEXT)];
        data.get(bytes);
        return new String(bytes, UTF_8).replaceAll("\\p{Cntrl}", "?");
    }
}
