package io.trustedlaunch.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The message that says why no node can take a VM. */
class RejectionsTest {
    private static final String SMALL = "too little of its memory for VMs is free";

    @Test
    void aFewNodesAreListedOneByOne() {
        assertThat(Rejections.message(small(2)))
                .isEqualTo("host-0: it has 100Mi of memory free; host-1: it has 101Mi of memory free");
    }

    @Test
    void manyNodesAreGroupedByReasonTheMostFrequentFirst() {
        List<Rejection> all = new ArrayList<>(rejections("dead", "its agent is not responding", 2));
        all.addAll(small(5));
        all.add(new Rejection("old", "its QEMU 7.2 is older than 9.0", "its QEMU is older"));
        assertThat(Rejections.message(all))
                .isEqualTo("none of 8 nodes can take it; 5 nodes (host-0, host-1, host-2, …): " + SMALL
                        + "; 2 nodes (dead-0, dead-1): its agent is not responding"
                        + "; old: its QEMU 7.2 is older than 9.0");
    }

    @Test
    void aThousandNodesWithAThousandReasonsGiveAShortMessage() {
        List<Rejection> all = IntStream.range(0, 1000)
                .mapToObj(i -> new Rejection("host-" + i, "taint " + i, "taint " + i))
                .toList();
        String message = Rejections.message(
                Stream.concat(small(3).stream(), all.stream()).toList());
        assertThat(message)
                .startsWith("none of 1003 nodes can take it; 3 nodes")
                .endsWith("993 more for other reasons");
        assertThat(message.length()).isLessThan(500);
    }

    private static List<Rejection> small(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Rejection("host-" + i, "it has " + (100 + i) + "Mi of memory free", SMALL))
                .toList();
    }

    private static List<Rejection> rejections(String prefix, String why, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Rejection(prefix + "-" + i, why, why))
                .toList();
    }
}
