package io.trustedlaunch.agent.migration.rpc;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A message of libvirt's RPC.
 *
 * @param type see {@link #CALL}
 * @param serial of the call that it is, or answers
 * @param status see {@link #OK}
 */
@RecordBuilder
public record RpcMessage(int program, int version, int procedure, int type, int serial, int status, byte[] payload) {
    static final int CALL = 0;
    static final int REPLY = 1;
    static final int NOTICE = 2;

    static final int OK = 0;
    static final int ERROR = 1;

    private static final int LENGTH_FIELD = 4;
    private static final int HEADER = 24;

    /** libvirt allows 32 MiB; the description of a domain of ours has some ten thousand bytes. */
    static final int MAX_LENGTH = 1 << 20;

    /** Reads the next message; empty at the end of the stream. Memory is used only for what has arrived. */
    public static Optional<RpcMessage> read(InputStream from) throws IOException {
        int first = from.read();
        if (first < 0) {
            return Optional.empty();
        }
        byte[] rest = bytes(from, LENGTH_FIELD - 1);
        int length = ByteBuffer.wrap(new byte[] {(byte) first, rest[0], rest[1], rest[2]})
                .getInt();
        if (length < LENGTH_FIELD + HEADER || length > MAX_LENGTH) {
            throw new RpcRefusedException(
                    "a message of " + Integer.toUnsignedString(length) + " bytes is not of libvirt's RPC, or too long");
        }
        return Optional.of(of(ByteBuffer.wrap(bytes(from, length - LENGTH_FIELD))));
    }

    private static byte[] bytes(InputStream from, int count) throws IOException {
        byte[] bytes = from.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("the connection ended within a message");
        }
        return bytes;
    }

    private static RpcMessage of(ByteBuffer bytes) {
        RpcMessageBuilder message = RpcMessageBuilder.builder()
                .program(bytes.getInt())
                .version(bytes.getInt())
                .procedure(bytes.getInt())
                .type(bytes.getInt())
                .serial(bytes.getInt())
                .status(bytes.getInt());
        byte[] payload = new byte[bytes.remaining()];
        bytes.get(payload);
        return message.payload(payload).build();
    }

    public byte[] bytes() {
        return ByteBuffer.allocate(LENGTH_FIELD + HEADER + payload.length)
                .putInt(LENGTH_FIELD + HEADER + payload.length)
                .putInt(program)
                .putInt(version)
                .putInt(procedure)
                .putInt(type)
                .putInt(serial)
                .putInt(status)
                .put(payload)
                .array();
    }

    boolean isOf(int otherProgram, int otherVersion) {
        return program == otherProgram && version == otherVersion;
    }

    boolean isCall() {
        return type == CALL && status == OK;
    }

    boolean isReply() {
        return type == REPLY && (status == OK || status == ERROR);
    }

    @Override
    public String toString() {
        return "procedure %s of program 0x%x, version %s (type %s, status %s)"
                .formatted(
                        Integer.toUnsignedString(procedure),
                        program,
                        Integer.toUnsignedString(version),
                        Integer.toUnsignedString(type),
                        Integer.toUnsignedString(status));
    }
}
