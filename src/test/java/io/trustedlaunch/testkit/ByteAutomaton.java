package io.trustedlaunch.testkit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;

/** Finds many byte strings in one pass over a stream (Aho-Corasick), also across buffers. */
final class ByteAutomaton<T> {
    private static final int BYTES = 256;
    private static final int NONE = -1;

    /** For each state a row with the next state for each byte. One array for speed, since gigabytes pass through it. */
    private int[] transitions = new int[0];

    private final List<Set<T>> found = new ArrayList<>();
    private boolean[] ends = new boolean[0];

    ByteAutomaton() {
        addState();
    }

    void add(byte[] needle, T meaning) {
        int state = 0;
        for (byte each : needle) {
            int index = index(state, each & 0xff);
            if (transitions[index] == NONE) {
                // addState may replace the array.
                int next = addState();
                transitions[index] = next;
            }
            state = transitions[index];
        }
        found.get(state).add(meaning);
    }

    /** Call it after the last {@link #add}: computes the fallback transitions. */
    void complete() {
        int[] fallback = new int[found.size()];
        ends = new boolean[found.size()];
        Queue<Integer> queue = new ArrayDeque<>(List.of(0));
        while (!queue.isEmpty()) {
            int state = queue.remove();
            found.get(state).addAll(found.get(fallback[state]));
            ends[state] = !found.get(state).isEmpty();
            for (int value = 0; value < BYTES; value++) {
                int fallbackNext = state == 0 ? 0 : transitions[index(fallback[state], value)];
                int next = transitions[index(state, value)];
                if (next == NONE) {
                    transitions[index(state, value)] = fallbackNext;
                } else {
                    fallback[next] = fallbackNext;
                    queue.add(next);
                }
            }
        }
    }

    /** Call it after {@link #complete}. */
    Scan scan() {
        return new Scan();
    }

    private static int index(int state, int value) {
        return state * BYTES + value;
    }

    private int addState() {
        int state = found.size();
        found.add(new HashSet<>());
        int length = index(found.size(), 0);
        if (transitions.length < length) {
            transitions = Arrays.copyOf(transitions, 2 * length);
        }
        Arrays.fill(transitions, index(state, 0), length, NONE);
        return state;
    }

    /** A scan of one stream. */
    final class Scan {
        private int state;

        /** Whether any needle ends with this byte. */
        boolean next(byte value) {
            state = transitions[index(state, value & 0xff)];
            return ends[state];
        }

        /** The needles that end with the last byte. */
        Set<T> found() {
            return found.get(state);
        }
    }
}
