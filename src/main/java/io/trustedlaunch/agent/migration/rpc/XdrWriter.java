package io.trustedlaunch.agent.migration.rpc;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes values in XDR (RFC 4506). */
final class XdrWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    XdrWriter integer(int value) {
        bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
        return this;
    }

    XdrWriter hyper(long value) {
        bytes.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
        return this;
    }

    XdrWriter opaque(byte[] value) {
        integer(value.length);
        bytes.writeBytes(value);
        bytes.writeBytes(new byte[(4 - value.length % 4) % 4]);
        return this;
    }

    XdrWriter string(String value) {
        return opaque(value.getBytes(StandardCharsets.UTF_8));
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}
