package io.trustedlaunch.agent.gueststate;

import java.util.Arrays;
import java.util.Optional;

/**
 * Whether firmware can have turned one file of UEFI variables into another. It treats the file as flash: it appends, and
 * clears bits of a state. It rewrites the store only to reclaim space, and then its {@link WriteLog} grows by one entry.
 * A file that was rolled back, exchanged or altered does not continue like that.
 */
public final class VariableSuccession {
    /** Bit of a variable's state; cleared once the variable is written completely. */
    private static final int ADDED = 0x40;
    /** Bits of a written variable's state that deletion clears. */
    private static final int DELETION = 0x03;

    private final byte[] before;
    private final byte[] after;
    private final UefiVariables variables;

    private VariableSuccession(byte[] before, byte[] after) {
        this.before = before;
        this.after = after;
        this.variables = new UefiVariables(before);
    }

    /**
     * Why firmware cannot have turned one file into the other; empty if it may have.
     *
     * @param before the file sealed last
     */
    public static Optional<String> breach(byte[] before, byte[] after) {
        return UefiVariables.fault(before)
                .or(() -> UefiVariables.fault(after))
                .or(() -> new VariableSuccession(before, after).breach());
    }

    private Optional<String> breach() {
        if (before.length != after.length || !isSame(0, variables.firstVariable())) {
            return Optional.of("it is not the variable store that was sealed last");
        }
        int end = variables.storeEnd();
        int log = WriteLog.find(before);
        if (!isSame(end, log < 0 ? before.length : log)) {
            return Optional.of("the area after its variables differs from the state sealed last");
        }
        // The spare area follows the log; firmware uses only the parts that its log names.
        if (log < 0 || isSame(log, log + WriteLog.BLOCK_BYTES) || WriteLog.isRestarted(before, after, log)) {
            return store(end);
        }
        // Firmware has reclaimed space: no variable is where it was.
        return areOnlyBitsCleared(log, log + WriteLog.BLOCK_BYTES)
                ? Optional.empty()
                : Optional.of("its write log does not continue that of the state sealed last");
    }

    private Optional<String> store(int end) {
        int at = variables.firstVariable();
        while (variables.isVariable(at)) {
            int next = variables.next(at);
            if (!isContinued(at, next)) {
                return Optional.of("a variable of the state sealed last is missing or altered");
            }
            at = next;
        }
        return areOnlyBitsCleared(at, end)
                ? Optional.empty()
                : Optional.of("the remains of an interrupted write were altered");
    }

    private boolean isContinued(int at, int next) {
        int state = Byte.toUnsignedInt(before[at + 2]);
        if ((state & ADDED) != 0) {
            return areOnlyBitsCleared(at, next);
        }
        int cleared = state ^ Byte.toUnsignedInt(after[at + 2]);
        return isSame(at, at + 2)
                && areOnlyBitsCleared(at + 2, at + 3)
                && (cleared & ~DELETION) == 0
                && isSame(at + 3, next);
    }

    private boolean isSame(int from, int to) {
        return Arrays.equals(before, from, to, after, from, to);
    }

    private boolean areOnlyBitsCleared(int from, int to) {
        for (int at = from; at < to; at++) {
            if ((before[at] & after[at]) != after[at]) {
                return false;
            }
        }
        return true;
    }
}
