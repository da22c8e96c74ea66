package io.trustedlaunch.bench;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.List;

/**
 * How much of everything.
 *
 * @param nodes with an agent each
 * @param lives VMs that are created and deleted to count their writes
 * @param burst VMs created at once
 * @param rounds pairs of each ratio
 * @param steady how long VMs are created at a fixed rate
 * @param raw how long the API server is measured alone
 * @param idle how long nothing happens
 * @param crowds numbers of VMs that are there already
 * @param batch VMs created at once where a crowd is there already
 */
@RecordBuilder
record Scale(
        int nodes,
        int lives,
        int burst,
        int rounds,
        Duration steady,
        Duration raw,
        Duration idle,
        List<Integer> crowds,
        int batch) {
    static final Scale FULL = ScaleBuilder.builder()
            .nodes(20)
            .lives(20)
            .burst(1_000)
            .rounds(3)
            .steady(Duration.ofSeconds(60))
            .raw(Duration.ofSeconds(8))
            .idle(Duration.ofSeconds(30))
            .crowds(List.of(0, 1_000, 10_000))
            .batch(100)
            .build();

    /** Enough to see that each row works, and to count what is exact. */
    static final Scale SMOKE = ScaleBuilder.builder()
            .nodes(3)
            .lives(5)
            .burst(20)
            .rounds(1)
            .steady(Duration.ofSeconds(2))
            .raw(Duration.ofSeconds(1))
            .idle(Duration.ofSeconds(2))
            .crowds(List.of(0, 30))
            .batch(5)
            .build();
}
