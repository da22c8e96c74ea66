package io.trustedlaunch.agent.migration.arrival;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/** What libvirt sent during migrations, and changes of it. */
public final class Recordings {
    private static final String GOLDEN = "/golden/migration/";
    private static final int MOST_CUT = 64;
    private static final int MOST_INSERTED = 128;

    private Recordings() {}

    /** A domain's XML. */
    public static byte[] domain(String name) {
        return bytes(name + ".xml");
    }

    /** The bytes of one direction of a connection. */
    public static byte[] bytes(String file) {
        try (InputStream stream = Objects.requireNonNull(Recordings.class.getResourceAsStream(GOLDEN + file), file)) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes that are replaced: for each change a place, how many are cut there, and how many of the next are inserted. */
    public static byte[] changed(byte[] recorded, byte[] changes) {
        byte[] result = recorded;
        ByteBuffer rest = ByteBuffer.wrap(changes);
        while (rest.remaining() >= 4) {
            int at = Short.toUnsignedInt(rest.getShort()) % (result.length + 1);
            int cut = Math.min(Byte.toUnsignedInt(rest.get()) % MOST_CUT, result.length - at);
            byte[] inserted = new byte[Math.min(Byte.toUnsignedInt(rest.get()) % MOST_INSERTED, rest.remaining())];
            rest.get(inserted);
            result = ByteBuffer.allocate(result.length - cut + inserted.length)
                    .put(result, 0, at)
                    .put(inserted)
                    .put(Arrays.copyOfRange(result, at + cut, result.length))
                    .array();
        }
        return result;
    }
}
