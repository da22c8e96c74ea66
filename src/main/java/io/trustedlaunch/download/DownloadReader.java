package io.trustedlaunch.download;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trustedlaunch.custody.Sha256;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Reads what an agent sends. Not thread-safe. */
public final class DownloadReader {
    private static final int DIGEST = 64;

    private final InputStream from;
    private final Sha256 received = new Sha256();
    private final byte[] buffer = new byte[DownloadWriter.LONGEST];

    public DownloadReader(InputStream from) {
        this.from = from;
    }

    /** The bytes of the disk; first of all. */
    public long begin() throws IOException {
        String line = DownloadRequest.line(from);
        received.update(ByteBuffer.wrap((line + "\n").getBytes(US_ASCII)));
        JsonNode bytes = new ObjectMapper().readTree(line).path("bytes");
        if (!bytes.canConvertToLong() || bytes.asLong() < 0) {
            throw new IOException("the agent sent no size of the disk");
        }
        return bytes.asLong();
    }

    /** @throws IOException if the connection ends, or what came is not what was sent */
    public DownloadFrame next() throws IOException {
        ByteBuffer header = ByteBuffer.wrap(read(new byte[DownloadWriter.HEADER], DownloadWriter.HEADER));
        long offset = header.getLong();
        int length = header.getInt();
        if (length == DownloadWriter.END) {
            String digest = received.hex();
            if (offset != 0 || !new String(read(buffer, DIGEST), 0, DIGEST, US_ASCII).equals(digest)) {
                throw new IOException("what was received is not what the agent sent");
            }
            return new DownloadFrame.End();
        }
        if (length == DownloadWriter.FAILED) {
            return new DownloadFrame.Failed(reason());
        }
        if (length < 0 || length > DownloadWriter.LONGEST || offset < 0 || offset > Long.MAX_VALUE - length) {
            throw new IOException("the agent sent a frame of " + length + " bytes");
        }
        return new DownloadFrame.Data(offset, ByteBuffer.wrap(read(buffer, length), 0, length));
    }

    private String reason() throws IOException {
        int length =
                ByteBuffer.wrap(read(new byte[Integer.BYTES], Integer.BYTES)).getInt();
        if (length < 0 || length > DownloadWriter.LONGEST_REASON) {
            throw new IOException("the agent sent a reason of " + length + " bytes");
        }
        return new String(Arrays.copyOf(read(buffer, length), length), UTF_8);
    }

    private byte[] read(byte[] into, int length) throws IOException {
        if (from.readNBytes(into, 0, length) < length) {
            throw new EOFException("the connection ended");
        }
        received.update(ByteBuffer.wrap(into, 0, length));
        return into;
    }
}
