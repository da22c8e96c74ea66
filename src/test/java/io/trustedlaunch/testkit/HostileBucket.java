package io.trustedlaunch.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.testkit.RawHttpsServer.CutException;
import io.trustedlaunch.testkit.RawHttpsServer.Handler;
import io.trustedlaunch.testkit.RawHttpsServer.Request;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A server in the place of an S3 server that has stopped: it has its address, its certificate and its objects, and other aims. */
public final class HostileBucket implements AutoCloseable {
    private static final String LISTING = "<ListBucketResult>%s</ListBucketResult>";

    /** Of an answer that never ends. */
    private static final byte[] JUNK = new byte[1 << 16];

    private static final long ENORMOUS = 999_999_999_999_999L;

    private final Path buckets;
    private final RawHttpsServer server;
    private final Set<String> served = ConcurrentHashMap.newKeySet();
    private volatile Deed deed = Deed.ANSWER_OTHERWISE_THE_SECOND_TIME;
    private volatile String target = "";

    /** What it does when an object is read. */
    public enum Deed {
        /** The first time it serves what is there, and more than that without an end. */
        ANSWER_OTHERWISE_THE_SECOND_TIME,
        REFUSE,
        LEAD_ELSEWHERE,
        STATE_ANOTHER_LENGTH,
        STATE_AN_ENORMOUS_LENGTH,
        SERVE_ANOTHER_RANGE,
        SERVE_OTHER_BYTES,
        /** Until it does something else: then it breaks the connection. */
        DRIP
    }

    /** @param buckets a folder for each */
    public HostileBucket(ServerCertificate certificate, String address, int port, Path buckets) throws IOException {
        this.buckets = buckets;
        this.server = new RawHttpsServer(certificate, address, port);
    }

    /**
     * @param file with this name; all others it serves as they are
     * @param elsewhere where it leads to, if it does
     */
    public void does(Deed what, String file, String elsewhere) {
        deed = what;
        target = file;
        served.clear();
        server.respond(handler(what, elsewhere));
    }

    public boolean isAskedFor(String file) {
        return server.requests().stream().anyMatch(request -> request.target().contains(file));
    }

    /** What it was asked to remove. */
    public Set<String> removals() {
        return server.requests().stream()
                .filter(request -> request.method().equals("DELETE"))
                .map(HostileBucket::path)
                .collect(Collectors.toSet());
    }

    private Handler handler(Deed what, String elsewhere) {
        return (request, out) -> {
            if (request.method().equals("GET") && request.target().contains("list-type=")) {
                list(request, out);
            } else if (!request.method().equals("GET")) {
                out.write(RawHttpsServer.head(204));
            } else {
                serve(what, elsewhere, request, out);
            }
        };
    }

    /** To a probe as it should; of a backup, without an end, and names that are none of its own. */
    private static void list(Request request, OutputStream out) throws IOException {
        out.write(RawHttpsServer.head(200));
        String keys = request.target().contains("max-keys=1")
                ? ""
                : IntStream.range(0, 1000)
                                .mapToObj(i -> "<Contents><Key>../../../../etc/passwd-" + i + "</Key></Contents>")
                                .reduce("", String::concat)
                        + "<NextContinuationToken>again</NextContinuationToken>";
        out.write(LISTING.formatted(keys).getBytes(UTF_8));
    }

    private void serve(Deed what, String elsewhere, Request request, OutputStream out)
            throws IOException, InterruptedException {
        Path file = buckets.resolve(path(request).substring(1)).normalize();
        if (!file.startsWith(buckets) || !Files.isRegularFile(file)) {
            out.write(RawHttpsServer.head(404));
            return;
        }
        Asked asked = Asked.of(request, Files.size(file));
        if (!file.endsWith(target)) {
            asked.answer(out, file, 0, asked.size());
            return;
        }
        switch (what) {
            case REFUSE -> out.write(RawHttpsServer.head(403));
            case LEAD_ELSEWHERE -> out.write(RawHttpsServer.head(307, "Location: " + elsewhere));
            case STATE_ANOTHER_LENGTH -> asked.answer(out, file, 0, asked.size() - 1);
            case STATE_AN_ENORMOUS_LENGTH -> asked.answer(out, file, 0, ENORMOUS);
            case SERVE_ANOTHER_RANGE -> asked.answer(out, file, 1, asked.size());
            case SERVE_OTHER_BYTES -> asked.answer(out, null, 0, asked.size());
            case DRIP -> drip(asked, out);
            case ANSWER_OTHERWISE_THE_SECOND_TIME -> {
                boolean isFirst = asked.length() == 1 || served.add(file + " " + asked);
                asked.answer(out, isFirst ? file : null, 0, asked.size());
                if (asked.length() > 1) {
                    append(out);
                }
            }
        }
    }

    private void drip(Asked asked, OutputStream out) throws IOException, InterruptedException {
        out.write(asked.head(0, asked.size()));
        while (deed == Deed.DRIP && !server.isClosedWithin(Duration.ofMillis(100))) {
            out.write('x');
            out.flush();
        }
        throw new CutException();
    }

    private void append(OutputStream out) throws IOException, InterruptedException {
        do {
            out.write(JUNK);
        } while (!server.isClosedWithin(Duration.ofMillis(1)));
    }

    private static String path(Request request) {
        return request.target().replaceAll("\\?.*", "");
    }

    /** The range that a request asks for, of an object of so many bytes. */
    private record Asked(long from, long last, long size) {
        static Asked of(Request request, long size) {
            String[] range = request.header("range")
                    .orElseThrow()
                    .substring("bytes=".length())
                    .split("-");
            return new Asked(Long.parseLong(range[0]), Math.min(Long.parseLong(range[1]), size - 1), size);
        }

        long length() {
            return last - from + 1;
        }

        byte[] head(int shift, long stated) {
            return RawHttpsServer.head(
                    206, "ETag: \"a\"", "Content-Range: bytes " + (from + shift) + "-" + (last + shift) + "/" + stated);
        }

        /** @param file null: other bytes than those of the object */
        void answer(OutputStream out, Path file, int shift, long stated) throws IOException {
            out.write(head(shift, stated));
            if (file == null) {
                for (long left = length(); left > 0; left -= JUNK.length) {
                    out.write(JUNK, 0, (int) Math.min(left, JUNK.length));
                }
                return;
            }
            try (FileChannel channel = FileChannel.open(file)) {
                ByteBuffer chunk = ByteBuffer.allocate(JUNK.length);
                for (long at = from; at <= last; at += chunk.limit()) {
                    chunk.clear().limit((int) Math.min(chunk.capacity(), last - at + 1));
                    while (chunk.hasRemaining() && channel.read(chunk, at + chunk.position()) >= 0) {}
                    out.write(chunk.array(), 0, chunk.limit());
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
