package io.trustedlaunch.download;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Which part of the disk a client wants.
 *
 * @param length {@link #TO_THE_END}, or a number of bytes that the disk has from there on
 */
public record DownloadRequest(long offset, long length) {
    public static final long TO_THE_END = -1;

    /** All of the disk. */
    public static final DownloadRequest WHOLE = new DownloadRequest(0, TO_THE_END);

    private static final int LONGEST_LINE = 256;
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    public void write(OutputStream to) throws IOException {
        to.write((JSON.writeValueAsString(this) + "\n").getBytes(US_ASCII));
        to.flush();
    }

    /** @throws IOException if the connection ends, or sends anything else */
    public static DownloadRequest read(InputStream from) throws IOException {
        return JSON.readValue(line(from), DownloadRequest.class);
    }

    /** What comes before the next line break. */
    static String line(InputStream from) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = from.read(); next != '\n'; next = from.read()) {
            if (next < 0 || line.length() == LONGEST_LINE) {
                throw new IOException("the other side sent no line");
            }
            line.append((char) next);
        }
        return line.toString();
    }
}
