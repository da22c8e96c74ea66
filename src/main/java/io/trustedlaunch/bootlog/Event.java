package io.trustedlaunch.bootlog;

import io.trustedlaunch.custody.Sha256;

/**
 * A TCG_PCR_EVENT2. If its register is that of the log, its digest and its place among the events of that register are certain, and
 * nothing else: neither its type nor its data.
 *
 * @param pcr 0 to 23
 * @param type its number, see {@link #typeName}
 * @param sha256 its digest, lower-case hex
 * @param data not to be changed
 */
public record Event(int pcr, int type, String sha256, byte[] data) {
    /** As the specification has it, or the number in hex. */
    public String typeName() {
        return EventType.of(type).map(EventType::name).orElseGet(() -> String.format("0x%08x", type));
    }

    boolean isOf(EventType wanted) {
        return EventType.of(type).filter(wanted::equals).isPresent();
    }

    boolean isDigestOf(byte[] bytes) {
        return Sha256.of(bytes).equals(sha256);
    }
}
