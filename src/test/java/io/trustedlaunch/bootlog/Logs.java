package io.trustedlaunch.bootlog;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.custody.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;

/** Logs of real boots, see their README, and logs made of events. */
final class Logs {
    static final List<String> REAL = List.of("secure-boot-on", "measuring-stopped", "secure-boot-off");

    private static final byte[] HEADER =
            HexFormat.of().parseHex("53706563204944204576656e743033000000000000020002010000000b00200000");

    private Logs() {}

    static byte[] bytes(String name) {
        return resource(name + ".log");
    }

    static EventLog log(String name) {
        return parsed(bytes(name));
    }

    static Registers registers(String name) {
        return new Registers(
                new String(resource(name + ".registers"), US_ASCII).lines().toList());
    }

    static BootFacts facts(String name) {
        return BootFacts.of(log(name), registers(name));
    }

    static EventLog parsed(byte[] bytes) {
        try {
            return EventLog.parse(bytes);
        } catch (EventLogException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] bytes(List<Event> events) {
        int length = 32
                + HEADER.length
                + events.stream().mapToInt(event -> 50 + event.data().length).sum();
        ByteBuffer log = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        log.putInt(0).putInt(3).put(new byte[20]).putInt(HEADER.length).put(HEADER);
        for (Event event : events) {
            log.putInt(event.pcr()).putInt(event.type()).putInt(1).putShort((short) 0xb);
            log.put(HexFormat.of().parseHex(event.sha256()));
            log.putInt(event.data().length).put(event.data());
        }
        return log.array();
    }

    /** What the log of these events says if the registers are its own. */
    static BootFacts facts(Event... events) {
        EventLog log = parsed(bytes(List.of(events)));
        return BootFacts.of(log, log.replay());
    }

    /** An event whose data is what was measured. */
    static Event event(int pcr, int type, byte[] data) {
        return new Event(pcr, type, Sha256.of(data), data);
    }

    static Event separator(int pcr) {
        return event(pcr, 4, new byte[4]);
    }

    static byte[] variable(String vendor, String name, byte[] value) {
        byte[] stored = name.getBytes(UTF_16LE);
        return ByteBuffer.allocate(32 + stored.length + value.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(HexFormat.of().parseHex(vendor))
                .putLong(name.length())
                .putLong(value.length)
                .put(stored)
                .put(value)
                .array();
    }

    static Event secureBoot(int value) {
        return event(7, 0x80000001, variable(UefiVariable.GLOBAL, "SecureBoot", new byte[] {(byte) value}));
    }

    static Event authority(String name, byte[] value) {
        return event(7, 0x800000e0, variable(UefiVariable.SHIM_LOCK, name, value));
    }

    /** As GRUB measures a text: without label and NUL. */
    static Event grub(String label, String text) {
        return new Event(8, 0xd, Sha256.of(text.getBytes(UTF_8)), (label + ": " + text + "\0").getBytes(UTF_8));
    }

    private static byte[] resource(String name) {
        try (InputStream stream = Logs.class.getResourceAsStream(name)) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
