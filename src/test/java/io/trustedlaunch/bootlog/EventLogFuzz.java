package io.trustedlaunch.bootlog;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Run by {@code bin/fuzz}: whatever a guest delivers as its log, it says what the real one says, or nothing. */
class EventLogFuzz {
    private static final String NAME = "secure-boot-on";
    private static final FactsOfAnyLog ANY = new FactsOfAnyLog(NAME);
    private static final List<Event> EVENTS = Logs.log(NAME).events();
    private static final int LONGEST_DATA = 2048;

    @FuzzTest
    void anyBytes(byte[] bytes) {
        ANY.check(bytes);
    }

    /** What the fuzzer makes is the data of one event: as if it had been measured, and in place of what was. */
    @FuzzTest
    void dataOfAnEvent(byte[] bytes) {
        if (bytes.length < 2 || bytes.length > LONGEST_DATA) {
            return;
        }
        Event changed = EVENTS.get(Byte.toUnsignedInt(bytes[0]) % EVENTS.size());
        byte[] data = Arrays.copyOfRange(bytes, 1, bytes.length);
        List<Event> events = new ArrayList<>(EVENTS);
        events.replaceAll(
                event -> event == changed ? new Event(event.pcr(), event.type(), event.sha256(), data) : event);
        ANY.check(Logs.bytes(events));
        events.replaceAll(event -> event.data() == data ? Logs.event(event.pcr(), event.type(), data) : event);
        ANY.check(Logs.bytes(events));
    }
}
