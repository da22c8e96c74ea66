package io.trustedlaunch.bootlog;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.trustedlaunch.custody.Sha256;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A crypto-agile event log with SHA-256 digests: a TCG_PCR_EVENT with the TCG_EfiSpecIDEvent, then each event as a TCG_PCR_EVENT2
 * (TCG PC Client Platform Firmware Profile, section "Event Logging"). Linux has it in
 * /sys/kernel/security/tpm0/binary_bios_measurements.
 */
public final class EventLog {
    /** In bytes. Real ones have 4 to 150 KiB. */
    public static final int MAX_BYTES = 1 << 20;

    public static final int MAX_EVENTS = 4096;

    private static final int PCRS = 24;
    private static final int SHA1_BYTES = 20;
    private static final int SHA256 = 0x000b; // TPM_ALG_SHA256
    private static final int SHA256_BYTES = 32;
    private static final int MAX_ALGORITHMS = 16;
    private static final int MAX_DIGEST_BYTES = 64;
    private static final byte[] SPEC_ID = "Spec ID Event03\0".getBytes(US_ASCII);
    /** Platform class, version and size of UINTN, which change nothing here. */
    private static final int SPEC_ID_VERSIONS = 8;

    private static final byte[] STARTUP_LOCALITY = "StartupLocality\0".getBytes(US_ASCII);
    private static final String ZEROS = "0".repeat(2 * SHA256_BYTES);

    private final List<Event> events;
    private final int locality;

    private EventLog(List<Event> events, int locality) {
        this.events = Collections.unmodifiableList(events);
        this.locality = locality;
    }

    /** @throws EventLogException if the bytes are not exactly one log, or are more than is read */
    public static EventLog parse(byte[] bytes) throws EventLogException {
        EventReader log = new EventReader(bytes);
        log.require(bytes.length <= MAX_BYTES, "it has " + bytes.length + " bytes, at most " + MAX_BYTES + " are read");
        Map<Integer, Integer> algorithms = header(log);
        List<Event> events = new ArrayList<>();
        int locality = -1;
        boolean started = false;
        while (!log.atEnd()) {
            log.require(events.size() < MAX_EVENTS, "more than " + MAX_EVENTS + " events");
            int at = log.offset();
            Event event = event(log, algorithms);
            events.add(event);
            if (isStartupLocality(event)) {
                int said = event.data()[STARTUP_LOCALITY.length];
                if (locality >= 0 || started || (said != 0 && said != 3 && said != 4)) {
                    throw new EventLogException(
                            at, "a StartupLocality of " + said + " that comes late or does not exist");
                }
                locality = said;
            }
            started |= event.pcr() == 0 && !event.isOf(EventType.EV_NO_ACTION);
        }
        return new EventLog(events, Math.max(0, locality));
    }

    /** In the order of the log. Only the order of those of one register is certain. */
    public List<Event> events() {
        return events;
    }

    /** What the registers are after these events. */
    public Registers replay() {
        String[] values = new String[Registers.COUNT];
        Arrays.fill(values, ZEROS);
        values[0] = ZEROS.substring(2) + HexFormat.of().toHexDigits((byte) locality);
        events.stream()
                .filter(event -> event.pcr() < Registers.COUNT && !event.isOf(EventType.EV_NO_ACTION))
                .forEach(event -> values[event.pcr()] = extend(values[event.pcr()], event.sha256()));
        return new Registers(List.of(values));
    }

    private static String extend(String value, String digest) {
        return Sha256.of(HexFormat.of().parseHex(value + digest));
    }

    /** Returns the size of each algorithm's digests, in bytes. */
    private static Map<Integer, Integer> header(EventReader log) throws EventLogException {
        log.require(log.uint32() == 0, "its first event is not of PCR 0");
        log.require(isNoAction(log.uint32()), "its first event is not EV_NO_ACTION");
        log.bytes(SHA1_BYTES);
        byte[] content = log.bytes(log.uint32());
        EventReader specId = new EventReader(content, log.offset() - content.length);
        specId.require(Arrays.equals(specId.bytes(SPEC_ID.length), SPEC_ID), "its first event is not Spec ID Event03");
        specId.bytes(SPEC_ID_VERSIONS);
        int count = specId.count(MAX_ALGORITHMS, "algorithms");
        Map<Integer, Integer> algorithms = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            int algorithm = specId.uint16();
            int size = specId.uint16();
            specId.require(size > 0 && size <= MAX_DIGEST_BYTES, "digests of " + size + " bytes");
            specId.require(algorithms.put(algorithm, size) == null, "an algorithm twice");
        }
        specId.bytes(specId.uint8());
        specId.require(specId.atEnd(), "its first event has more data than it says");
        specId.require(Integer.valueOf(SHA256_BYTES).equals(algorithms.get(SHA256)), "it has no SHA-256 digests");
        return algorithms;
    }

    private static Event event(EventReader log, Map<Integer, Integer> algorithms) throws EventLogException {
        int pcr = log.count(PCRS - 1, "as number of a PCR");
        int type = (int) log.uint32();
        int count = log.count(algorithms.size(), "digests of an event");
        Map<Integer, byte[]> digests = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            int algorithm = log.uint16();
            Integer size = algorithms.get(algorithm);
            log.require(size != null, "a digest of algorithm " + algorithm + ", which is not in the first event");
            log.require(digests.put(algorithm, log.bytes(size)) == null, "two digests of one algorithm");
        }
        byte[] digest = digests.get(SHA256);
        log.require(digest != null, "an event without SHA-256 digest");
        return new Event(pcr, type, HexFormat.of().formatHex(digest), log.bytes(log.uint32()));
    }

    private static boolean isNoAction(long type) {
        return EventType.of((int) type).filter(EventType.EV_NO_ACTION::equals).isPresent();
    }

    private static boolean isStartupLocality(Event event) {
        byte[] data = event.data();
        return event.pcr() == 0
                && event.isOf(EventType.EV_NO_ACTION)
                && data.length == STARTUP_LOCALITY.length + 1
                && Arrays.equals(data, 0, STARTUP_LOCALITY.length, STARTUP_LOCALITY, 0, STARTUP_LOCALITY.length);
    }
}
