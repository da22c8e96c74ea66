package io.trustedlaunch.e2e;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The console output of a guest that counts in its memory, in its TPM and on its disk. */
record GuestHistory(String console) {
    private static final Pattern COUNTER = Pattern.compile("PROOF counter=(\\d+)");
    private static final Pattern NV_COUNTER = Pattern.compile("PROOF nv-counter=(\\d+)");
    private static final Pattern DATA_COUNTER = Pattern.compile("PROOF data-counter=(\\d+)");
    private static final String DATA_LOST = "PROOF error=data-";

    /** Characters of the console, in a message. */
    private static final int SHOWN = 600;

    private static final Pattern BOOT = Pattern.compile("PROOF boot=");

    /** Evidence of more than one guest, TPM or disk, such as a restart or a number printed twice; empty if there is none. */
    Optional<String> inconsistency() {
        long boots = BOOT.matcher(console).results().count();
        if (boots != 1) {
            String before = console.substring(0, Math.max(0, console.lastIndexOf("PROOF boot=")));
            return Optional.of("it booted " + boots + " times, the last time after it had printed: "
                    + before.substring(Math.max(0, before.length() - SHOWN)));
        }
        if (console.contains(DATA_LOST)) {
            return Optional.of("its data disk lost what it had written there");
        }
        return mustGrow("counter", numbers(COUNTER))
                .or(() -> mustGrow("counter in the TPM", numbers(NV_COUNTER)))
                .or(() -> mustGrow("counter on its disk", numbers(DATA_COUNTER)));
    }

    /** 0 if it has not counted yet. */
    int counter() {
        return last(COUNTER);
    }

    /** 0 if it has not counted there yet. */
    int dataCounter() {
        return last(DATA_COUNTER);
    }

    private int last(Pattern number) {
        List<Integer> counted = numbers(number);
        return counted.isEmpty() ? 0 : counted.getLast();
    }

    private static Optional<String> mustGrow(String what, List<Integer> numbers) {
        if (new HashSet<>(numbers).size() != numbers.size()) {
            return Optional.of("its " + what + " printed a number twice: " + numbers);
        }
        return numbers.equals(numbers.stream().sorted().toList())
                ? Optional.empty()
                : Optional.of("its " + what + " went back: " + numbers);
    }

    private List<Integer> numbers(Pattern number) {
        Matcher matcher = number.matcher(console);
        return matcher.results().map(found -> Integer.valueOf(found.group(1))).toList();
    }
}
