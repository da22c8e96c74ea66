package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.Vms;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An operator stands still between what it reads and what it writes. */
class StandingStillTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b");

    @AfterEach
    void close() {
        cluster.close();
    }

    /** What it writes then is refused, or changes nothing. */
    @Test
    void whatAnotherDoesBeforeEachWriteIsNotUndone() {
        cluster.rounds(2);
        cluster.apply(Vms.vm(Vms.spec().build()));
        OperatorProcess slow = cluster.leader();
        cluster.operators.add();
        int[] stops = {0};
        slow.writer().beforeEachWrite(() -> {
            stops[0]++;
            cluster.round();
        });
        for (int pass = 0; pass < 10; pass++) {
            slow.look();
            slow.pass();
        }
        slow.writer().beforeEachWrite(() -> {});

        assertThat(stops[0]).isPositive();
        cluster.settle();
        cluster.assertRunsAsRecorded();
        assertThat(cluster.ledger.starts(ClusterUnderTest.VM)).isEqualTo(1);
    }
}
