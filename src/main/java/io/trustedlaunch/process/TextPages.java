package io.trustedlaunch.process;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers one HTTP request of a connection with a short text. */
public final class TextPages {
    private static final Logger LOG = LoggerFactory.getLogger(TextPages.class);

    private static final int LONGEST_REQUEST = 8192;

    private final Map<String, Supplier<Text>> pages;

    public record Text(int status, String content) {
        public static Text ok(String content) {
            return new Text(200, content);
        }
    }

    /** @param pages by path */
    public TextPages(Map<String, Supplier<Text>> pages) {
        this.pages = Map.copyOf(pages);
    }

    public void serve(InputStream in, OutputStream out) throws IOException {
        write(out, answer(requestLine(in)));
    }

    /** The whole head is read, since closing a connection with unread bytes would discard the answer. */
    private static String requestLine(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        byte[] read = new byte[1024];
        while (head.indexOf("\r\n\r\n") < 0) {
            int length = in.read(read);
            if (length < 0 || head.length() > LONGEST_REQUEST) {
                throw new IOException("no request");
            }
            head.append(new String(read, 0, length, US_ASCII));
        }
        return head.substring(0, head.indexOf("\r\n"));
    }

    private Text answer(String requestLine) {
        String[] words = requestLine.split(" ", -1);
        if (words.length != 3) {
            return new Text(400, "not an HTTP request\n");
        }
        if (!words[0].equals("GET")) {
            return new Text(405, "only GET is allowed\n");
        }
        Supplier<Text> page = pages.get(words[1].replaceFirst("\\?.*", ""));
        if (page == null) {
            return new Text(404, "not found\n");
        }
        try {
            return page.get();
        } catch (RuntimeException e) {
            LOG.error("Cannot answer {}", words[1], e);
            return new Text(500, "failed; see the log\n");
        }
    }

    private static void write(OutputStream out, Text text) throws IOException {
        byte[] content = text.content().getBytes(UTF_8);
        String head = "HTTP/1.1 " + text.status() + " \r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
                + content.length + "\r\nConnection: close\r\n\r\n";
        out.write(head.getBytes(US_ASCII));
        out.write(content);
    }
}
