package io.trustedlaunch.testkit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;

/** Finds many byte strings in one pass over a stream (Aho and Corasick), wherever the stream is cut into buffers. */
final class ByteAutomaton<T> {
    private static final int BYTES = 256;
    private static final int NONE = -1;

    /** A row for each state, with the state that each byte leads to. In one array: gigabytes go through it. */
    private int[] transitions = new int[0];

    private final List<Set<T>> found = new ArrayList<>();
    private boolean[] ends = new boolean[0];

    ByteAutomaton() {
        addState();
    }

    void add(byte[] needle, T meaning) {
        int state = 0;
        for (byte each : needle) {
            int way = way(state, each & 0xff);
            if (transitions[way] == NONE) {
                // It may put another array in the place of this one.
                int next = addState();
                transitions[way] = next;
            }
            state = transitions[way];
        }
        found.get(state).add(meaning);
    }

    /** After the last needle: a byte that leads no needle on leads to the longest needle that it may belong to. */
    void complete() {
        int[] fallback = new int[found.size()];
        ends = new boolean[found.size()];
        Queue<Integer> queue = new ArrayDeque<>(List.of(0));
        while (!queue.isEmpty()) {
            int state = queue.remove();
            found.get(state).addAll(found.get(fallback[state]));
            ends[state] = !found.get(state).isEmpty();
            for (int value = 0; value < BYTES; value++) {
                int elsewhere = state == 0 ? 0 : transitions[way(fallback[state], value)];
                int next = transitions[way(state, value)];
                if (next == NONE) {
                    transitions[way(state, value)] = elsewhere;
                } else {
                    fallback[next] = elsewhere;
                    queue.add(next);
                }
            }
        }
    }

    /** After {@link #complete()}. */
    Scan scan() {
        return new Scan();
    }

    private static int way(int state, int value) {
        return state * BYTES + value;
    }

    private int addState() {
        int state = found.size();
        found.add(new HashSet<>());
        int length = way(found.size(), 0);
        if (transitions.length < length) {
            transitions = Arrays.copyOf(transitions, 2 * length);
        }
        Arrays.fill(transitions, way(state, 0), length, NONE);
        return state;
    }

    /** One stream, byte by byte. */
    final class Scan {
        private int state;

        /** Whether anything ends with this byte. */
        boolean next(byte value) {
            state = transitions[way(state, value & 0xff)];
            return ends[state];
        }

        /** What ends with the last byte. */
        Set<T> found() {
            return found.get(state);
        }
    }
}
