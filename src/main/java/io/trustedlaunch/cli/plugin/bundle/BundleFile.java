package io.trustedlaunch.cli.plugin.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.cli.plugin.download.PartFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** The archive (ZIP) that is being written, and what is missing in it. */
final class BundleFile implements AutoCloseable {
    private final PartFile file;
    private final Position position;
    private final ZipOutputStream zip;
    private final List<String> missing = new ArrayList<>();
    private int entries;

    BundleFile(PartFile file) {
        this.file = file;
        this.position = new Position(file);
        this.zip = new ZipOutputStream(position, UTF_8);
    }

    void add(String name, String content) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(content.getBytes(UTF_8));
        zip.closeEntry();
        entries++;
    }

    /** @param what and why */
    void missing(String what) {
        missing.add(what);
    }

    List<String> missing() {
        return List.copyOf(missing);
    }

    int entries() {
        return entries;
    }

    /** Gives it its name. */
    void publish() throws IOException {
        add("missing.txt", missing.isEmpty() ? "nothing\n" : String.join("\n", missing) + "\n");
        zip.finish();
        zip.flush();
        file.publish(position.at);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private static final class Position extends OutputStream {
        private final PartFile file;
        private long at;

        Position(PartFile file) {
            this.file = file;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            file.write(at, ByteBuffer.wrap(bytes, offset, length));
            at += length;
        }
    }
}
