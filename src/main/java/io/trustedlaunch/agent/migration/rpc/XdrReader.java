package io.trustedlaunch.agent.migration.rpc;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads values in XDR (RFC 4506). */
final class XdrReader {
    private static final int UNIT = 4;

    private final ByteBuffer bytes;

    XdrReader(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes);
    }

    int integer() throws RpcRefusedException {
        try {
            return bytes.getInt();
        } catch (BufferUnderflowException e) {
            throw new RpcRefusedException("it is too short");
        }
    }

    long hyper() throws RpcRefusedException {
        return (long) integer() << 32 | Integer.toUnsignedLong(integer());
    }

    /** The number of bytes or elements that follow. */
    int count(int most) throws RpcRefusedException {
        int count = integer();
        if (count < 0 || count > most) {
            throw new RpcRefusedException("it has a length of " + Integer.toUnsignedString(count));
        }
        return count;
    }

    byte[] opaque() throws RpcRefusedException {
        byte[] value = new byte[count(bytes.remaining())];
        bytes.get(value);
        int padding = (UNIT - value.length % UNIT) % UNIT;
        for (int i = 0; i < padding; i++) {
            if (!bytes.hasRemaining() || bytes.get() != 0) {
                throw new RpcRefusedException("a value is not padded with zeroes");
            }
        }
        return value;
    }

    /** libvirt's strings end at a zero byte, so there is none. */
    String string() throws RpcRefusedException {
        byte[] value = opaque();
        return text(value, value.length);
    }

    /** A string in opaque bytes, together with the zero byte at its end; empty bytes are an empty string. */
    String terminated() throws RpcRefusedException {
        byte[] value = opaque();
        if (value.length > 0 && value[value.length - 1] != 0) {
            throw new RpcRefusedException("a text has no end");
        }
        return text(value, Math.max(0, value.length - 1));
    }

    private static String text(byte[] bytes, int length) throws RpcRefusedException {
        try {
            String value = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
            if (value.indexOf('\0') >= 0) {
                throw new RpcRefusedException("a text contains a zero byte");
            }
            return value;
        } catch (CharacterCodingException e) {
            throw new RpcRefusedException("a text is not UTF-8");
        }
    }

    /** Whether an optional value follows. */
    boolean present() throws RpcRefusedException {
        return count(1) == 1;
    }

    void requireEnd() throws RpcRefusedException {
        if (bytes.hasRemaining()) {
            throw new RpcRefusedException("it is longer than its procedure's arguments");
        }
    }
}
