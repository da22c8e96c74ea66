package io.trustedlaunch.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Why no node fits, in a text that somebody reads. */
class RejectionsTest {
    private static final String SMALL = "too little of its memory is free for VMs";

    @Test
    void aFewNodesAreToldOneByOneWithWhatIsSoOnEach() {
        assertThat(Rejections.message(small(2)))
                .isEqualTo("host-0: it has 100Mi of memory free; host-1: it has 101Mi of memory free");
    }

    @Test
    void manyNodesAreToldByTheirReasonsTheMostFrequentFirst() {
        List<Rejection> all = new ArrayList<>(rejections("silent", "its agent is silent", 2));
        all.addAll(small(5));
        all.add(new Rejection("old", "its QEMU 7.2 is older than 9.0", "its QEMU is older"));
        assertThat(Rejections.message(all))
                .isEqualTo("none of 8 nodes can take it; 5 nodes (host-0, host-1, host-2, …): " + SMALL
                        + "; 2 nodes (silent-0, silent-1): its agent is silent"
                        + "; old: its QEMU 7.2 is older than 9.0");
    }

    @Test
    void aThousandNodesWithAThousandReasonsAreStillAShortText() {
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
