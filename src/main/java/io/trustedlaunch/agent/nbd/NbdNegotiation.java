package io.trustedlaunch.agent.nbd;

import static io.trustedlaunch.agent.nbd.NbdProtocol.CAN_MULTI_CONNECT;
import static io.trustedlaunch.agent.nbd.NbdProtocol.FIXED_NEWSTYLE;
import static io.trustedlaunch.agent.nbd.NbdProtocol.HAS_FLAGS;
import static io.trustedlaunch.agent.nbd.NbdProtocol.INFO_BLOCK_SIZE;
import static io.trustedlaunch.agent.nbd.NbdProtocol.INFO_EXPORT;
import static io.trustedlaunch.agent.nbd.NbdProtocol.MAGIC;
import static io.trustedlaunch.agent.nbd.NbdProtocol.MOST_BYTES;
import static io.trustedlaunch.agent.nbd.NbdProtocol.NO_ZEROES;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_ABORT;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_ACK;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_EXPORT_NAME;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_GO;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_INFO;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_INVALID;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_IS_INFO;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_LIST;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_MAGIC;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_POLICY;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_REPLY_MAGIC;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_SERVER;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_STRUCTURED_REPLY;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_UNKNOWN_EXPORT;
import static io.trustedlaunch.agent.nbd.NbdProtocol.OPTION_UNSUPPORTED;
import static io.trustedlaunch.agent.nbd.NbdProtocol.READ_ONLY;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;

/**
 * Agrees with a client on an export: the server's side of {@link NbdHandshake}. Only clients with structured replies are served, as
 * QEMU is one: a read that fails in its middle is then an answer, and zeros need not be sent.
 */
final class NbdNegotiation {
    /** A client that asks more before it chooses an export wants to keep us busy. */
    private static final int MOST_OPTIONS = 100;

    private static final int MOST_OPTION_BYTES = 8 << 10;
    private static final int PREFERRED_BLOCK = 64 << 10;

    private final NbdStream stream;
    private final Map<String, NbdExport> exports;
    private boolean isStructured;

    NbdNegotiation(NbdStream stream, Map<String, NbdExport> exports) {
        this.stream = stream;
        this.exports = exports;
    }

    NbdExport agree() throws IOException {
        stream.message().putLong(MAGIC).putLong(OPTION_MAGIC).putShort((short) (FIXED_NEWSTYLE | NO_ZEROES));
        stream.send();
        int flags = stream.receive(Integer.BYTES).getInt();
        if ((flags & FIXED_NEWSTYLE) == 0 || (flags & ~(FIXED_NEWSTYLE | NO_ZEROES)) != 0) {
            throw new NbdException("it is no NBD client of a kind that is known");
        }
        for (int options = 0; options < MOST_OPTIONS; options++) {
            Optional<NbdExport> chosen = answer();
            if (chosen.isPresent()) {
                return chosen.get();
            }
        }
        throw new NbdException("it does not come to an end");
    }

    /** Returns the export that was agreed on. */
    private Optional<NbdExport> answer() throws IOException {
        ByteBuffer head = stream.receive(Long.BYTES + Integer.BYTES + Integer.BYTES);
        long magic = head.getLong();
        int option = head.getInt();
        int length = head.getInt();
        if (magic != OPTION_MAGIC || length < 0 || length > MOST_OPTION_BYTES) {
            throw new NbdException("it sends no option");
        }
        ByteBuffer data = stream.receive(length);
        switch (option) {
            case OPTION_GO -> {
                return describe(option, data);
            }
            case OPTION_INFO -> describe(option, data);
            case OPTION_LIST -> list();
            case OPTION_STRUCTURED_REPLY -> {
                isStructured = true;
                reply(option, OPTION_ACK);
            }
            case OPTION_ABORT -> {
                reply(option, OPTION_ACK);
                throw new NbdException("it leaves");
            }
            // There is no other way to refuse it.
            case OPTION_EXPORT_NAME -> throw new NbdException("it has no structured replies");
            default -> reply(option, OPTION_UNSUPPORTED);
        }
        return Optional.empty();
    }

    private void list() throws IOException {
        for (String name : exports.keySet()) {
            byte[] bytes = name.getBytes(UTF_8);
            head(OPTION_LIST, OPTION_SERVER, Integer.BYTES + bytes.length)
                    .putInt(bytes.length)
                    .put(bytes);
            stream.send();
        }
        reply(OPTION_LIST, OPTION_ACK);
    }

    private Optional<NbdExport> describe(int option, ByteBuffer data) throws IOException {
        int length = data.remaining() < Integer.BYTES ? -1 : data.getInt();
        if (length < 0 || length > data.remaining()) {
            reply(option, OPTION_INVALID);
            return Optional.empty();
        }
        byte[] name = new byte[length];
        data.get(name);
        Optional<NbdExport> export = Optional.ofNullable(exports.get(new String(name, UTF_8)));
        if (export.isEmpty()) {
            reply(option, OPTION_UNKNOWN_EXPORT);
        } else if (option == OPTION_GO && !isStructured) {
            reply(option, OPTION_POLICY);
            return Optional.empty();
        } else {
            describe(option, export.get());
        }
        return export;
    }

    private void describe(int option, NbdExport export) throws IOException {
        head(option, OPTION_IS_INFO, Short.BYTES + Long.BYTES + Short.BYTES)
                .putShort((short) INFO_EXPORT)
                .putLong(export.bytes())
                .putShort((short) (HAS_FLAGS | READ_ONLY | CAN_MULTI_CONNECT));
        stream.send();
        head(option, OPTION_IS_INFO, Short.BYTES + 3 * Integer.BYTES)
                .putShort((short) INFO_BLOCK_SIZE)
                .putInt(1)
                .putInt(PREFERRED_BLOCK)
                .putInt(MOST_BYTES);
        stream.send();
        reply(option, OPTION_ACK);
    }

    private void reply(int option, int type) throws IOException {
        head(option, type, 0);
        stream.send();
    }

    private ByteBuffer head(int option, int type, int length) {
        return stream.message()
                .putLong(OPTION_REPLY_MAGIC)
                .putInt(option)
                .putInt(type)
                .putInt(length);
    }
}
