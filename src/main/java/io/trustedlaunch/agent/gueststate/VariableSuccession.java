package io.trustedlaunch.agent.gueststate;

import java.util.Arrays;
import java.util.Optional;

/**
 * Whether firmware can have made one file of UEFI variables of another. It treats the file as flash: it appends, and
 * clears bits of a state. Only when it tidies the store up does it write anew, and then its {@link WriteLog} is longer by
 * one. What was turned back, exchanged or altered does not go on like that.
 */
public final class VariableSuccession {
    /** Of a state: its variable is written whole. A cleared bit says yes. */
    private static final int ADDED = 0x40;
    /** Of the state of a variable that is written: it is about to go, and gone. */
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
     * Why the one is nothing that firmware made of the other; empty if it may have.
     *
     * @param before what was sealed last
     */
    public static Optional<String> breach(byte[] before, byte[] after) {
        return UefiVariables.fault(before)
                .or(() -> UefiVariables.fault(after))
                .or(() -> new VariableSuccession(before, after).breach());
    }

    private Optional<String> breach() {
        if (before.length != after.length || !isSame(0, variables.firstVariable())) {
            return Optional.of("it is another store than the one that was sealed last");
        }
        int end = variables.storeEnd();
        int log = WriteLog.find(before);
        if (!isSame(end, log < 0 ? before.length : log)) {
            return Optional.of("what is behind its variables is not what was sealed last");
        }
        // Behind the log is the spare area, of which firmware takes only what its log says.
        if (log < 0 || isSame(log, log + WriteLog.BLOCK_BYTES) || WriteLog.isBegunAnew(before, after, log)) {
            return store(end);
        }
        // It has tidied up: no variable is where it was.
        return areOnlyBitsCleared(log, log + WriteLog.BLOCK_BYTES)
                ? Optional.empty()
                : Optional.of("its log of writes is not that of the one that was sealed last");
    }

    private Optional<String> store(int end) {
        int at = variables.firstVariable();
        while (variables.isVariable(at)) {
            int next = variables.next(at);
            if (!isContinued(at, next)) {
                return Optional.of("a variable that was sealed last is not in it, or altered");
            }
            at = next;
        }
        return areOnlyBitsCleared(at, end) ? Optional.empty() : Optional.of("what a power cut left was altered");
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
