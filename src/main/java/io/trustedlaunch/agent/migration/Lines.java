package io.trustedlaunch.agent.migration;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Lines of limited length on a stream on which other bytes may follow. */
final class Lines {
    private Lines() {}

    /** Reads exactly the line, and no byte more. */
    static String read(InputStream from, int longest) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (line.size() <= longest) {
            int next = from.read();
            if (next < 0) {
                throw new EOFException("the other side closed the connection");
            }
            if (next == '\n') {
                return line.toString(US_ASCII);
            }
            line.write(next);
        }
        throw new IOException("the other side sent a line longer than " + longest + " bytes");
    }

    static void write(OutputStream to, String line) throws IOException {
        to.write((line + "\n").getBytes(US_ASCII));
        to.flush();
    }
}
