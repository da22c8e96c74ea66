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

    private final List<int[]> transitions = new ArrayList<>();
    private final List<Set<T>> found = new ArrayList<>();

    ByteAutomaton() {
        addState();
    }

    void add(byte[] needle, T meaning) {
        int state = 0;
        for (byte each : needle) {
            int next = transitions.get(state)[each & 0xff];
            if (next < 0) {
                next = addState();
                transitions.get(state)[each & 0xff] = next;
            }
            state = next;
        }
        found.get(state).add(meaning);
    }

    /** After the last needle: a byte that leads no needle on leads to the longest needle that it may belong to. */
    void complete() {
        int[] fallback = new int[transitions.size()];
        Queue<Integer> queue = new ArrayDeque<>(List.of(0));
        while (!queue.isEmpty()) {
            int state = queue.remove();
            found.get(state).addAll(found.get(fallback[state]));
            for (int value = 0; value < BYTES; value++) {
                int elsewhere = state == 0 ? 0 : transitions.get(fallback[state])[value];
                int next = transitions.get(state)[value];
                if (next < 0) {
                    transitions.get(state)[value] = elsewhere;
                } else {
                    fallback[next] = elsewhere;
                    queue.add(next);
                }
            }
        }
    }

    Scan scan() {
        return new Scan();
    }

    private int addState() {
        int[] none = new int[BYTES];
        Arrays.fill(none, -1);
        transitions.add(none);
        found.add(new HashSet<>());
        return transitions.size() - 1;
    }

    /** One stream, byte by byte. */
    final class Scan {
        private int state;

        /** What ends with this byte. */
        Set<T> next(byte value) {
            state = transitions.get(state)[value & 0xff];
            return found.get(state);
        }
    }
}
