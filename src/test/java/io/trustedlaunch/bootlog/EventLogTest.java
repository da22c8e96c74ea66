package io.trustedlaunch.bootlog;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class EventLogTest {
    private static final int FIRST_EVENT = 65;

    @ParameterizedTest
    @FieldSource("io.trustedlaunch.bootlog.Logs#REAL")
    void aRealLogReplaysToTheRegistersButForThatOfIma(String name) {
        List<Integer> but10 =
                IntStream.range(0, 16).filter(pcr -> pcr != 10).boxed().toList();
        assertThat(Logs.facts(name).replayed()).containsExactlyElementsOf(but10);
        assertThat(Logs.log(name).events()).hasSizeGreaterThan(40);
    }

    @ParameterizedTest
    @FieldSource("io.trustedlaunch.bootlog.Logs#REAL")
    void aLogThatEndsWithinAnEventIsRefused(String name) {
        byte[] whole = Logs.bytes(name);
        int events = Logs.log(name).events().size();
        long accepted = IntStream.range(0, whole.length)
                .filter(length -> isLog(Arrays.copyOf(whole, length)))
                .count();
        assertThat(accepted).as("it may end after the header or an event").isEqualTo(events);
    }

    @ParameterizedTest
    @FieldSource("io.trustedlaunch.bootlog.Logs#REAL")
    void aLogOfTheSameEventsHasTheSameBytes(String name) {
        assertThat(Logs.bytes(Logs.log(name).events())).isEqualTo(Logs.bytes(name));
    }

    @Test
    void aFaultSaysWhereAndWhat() {
        assertRefused(with(0, 7), 4, "its first event is not of PCR 0");
        assertRefused(with(4, 4), 8, "its first event is not EV_NO_ACTION");
        assertRefused(with(32, 0), 48, "its first event is not Spec ID Event03");
        assertRefused(with(56, 17), 60, "17 algorithms, at most 16 are read");
        assertRefused(with(60, 0x0020000c), 65, "it has no SHA-256 digests");
        assertRefused(with(60, 0x0014000b), 65, "it has no SHA-256 digests");
        assertRefused(with(60, 0x0041000b), 64, "digests of 65 bytes");
        assertRefused(with(FIRST_EVENT, 24), 69, "24 as number of a PCR, at most 23 are read");
        assertRefused(with(FIRST_EVENT + 8, 2), 77, "2 digests of an event, at most 1 are read");
        assertRefused(with(FIRST_EVENT + 8, 0), 77, "an event without SHA-256 digest");
        assertRefused(with(FIRST_EVENT + 12, 4), 79, "a digest of algorithm 4, which is not in the first event");
        assertRefused(with(FIRST_EVENT + 46, -1), 115, "there are no 4294967295 bytes left");
        assertRefused(new byte[0], 0, "it ends within a number");
    }

    @Test
    void whatIsTooLargeIsRefused() {
        Event empty = Logs.event(0, 5, new byte[0]);
        assertThat(isLog(Logs.bytes(Collections.nCopies(EventLog.MAX_EVENTS, empty))))
                .isTrue();
        assertThatThrownBy(() -> EventLog.parse(Logs.bytes(Collections.nCopies(EventLog.MAX_EVENTS + 1, empty))))
                .hasMessageContaining("more than 4096 events");
        int rest = EventLog.MAX_BYTES - FIRST_EVENT - 50;
        assertThat(isLog(Logs.bytes(List.of(Logs.event(0, 5, new byte[rest]))))).isTrue();
        assertRefused(
                Logs.bytes(List.of(Logs.event(0, 5, new byte[rest + 1]))),
                0,
                "it has 1048577 bytes, at most 1048576 are read");
    }

    @Test
    void aTpmStartedFromAnotherLocalityStartsThere() {
        assertThat(pcr0(locality(0))).isEqualTo("0".repeat(64));
        assertThat(pcr0(locality(3))).isEqualTo("0".repeat(63) + "3");
        assertThat(pcr0(locality(4))).isEqualTo("0".repeat(63) + "4");
        // sha256(00..03 + sha256(00000000)).
        assertThat(pcr0(locality(3), Logs.separator(0)))
                .isEqualTo("50bd7d88f0414b40608f8ffc56fd4f3201b5ed0644e36b8128d33624ebe0f053");
    }

    @Test
    void aStartupLocalityIsOneAndComesFirst() {
        assertThat(isLog(Logs.bytes(List.of(locality(1))))).isFalse();
        assertThat(isLog(Logs.bytes(List.of(locality(3), locality(3))))).isFalse();
        assertThat(isLog(Logs.bytes(List.of(Logs.separator(0), locality(3))))).isFalse();
        assertThat(isLog(Logs.bytes(List.of(Logs.separator(1), locality(3))))).isTrue();
    }

    @Test
    void whatIsNotMeasuredExtendsNothing() {
        Event noAction = Logs.event(1, 3, new byte[4]);
        assertThat(Logs.parsed(Logs.bytes(List.of(noAction))).replay().sha256()).containsOnly("0".repeat(64));
    }

    private static String pcr0(Event... events) {
        return Logs.parsed(Logs.bytes(List.of(events))).replay().sha256().getFirst();
    }

    private static Event locality(int number) {
        byte[] data = Arrays.copyOf("StartupLocality\0".getBytes(US_ASCII), 17);
        data[16] = (byte) number;
        return new Event(0, 3, "0".repeat(64), data);
    }

    /** A real log with another number in it. */
    private static byte[] with(int at, int number) {
        byte[] bytes = Logs.bytes("secure-boot-on");
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, number);
        return bytes;
    }

    private static boolean isLog(byte[] bytes) {
        try {
            EventLog.parse(bytes);
            return true;
        } catch (EventLogException e) {
            return false;
        }
    }

    private static void assertRefused(byte[] bytes, int offset, String fact) {
        assertThatThrownBy(() -> EventLog.parse(bytes))
                .isInstanceOfSatisfying(
                        EventLogException.class,
                        e -> assertThat(e.offset()).as(fact).isEqualTo(offset))
                .hasMessage("the event log is malformed at byte " + offset + ": " + fact);
    }
}
