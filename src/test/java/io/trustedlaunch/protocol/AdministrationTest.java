package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AdministrationTest {
    /** Of any VM: only the start after that one would use it. */
    @Test
    void nobodyApprovesAStateWhileAStartIsUnderWay() {
        try (ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a")) {
            cluster.start();
            cluster.startAnother("web");
            cluster.turnTo("web");
            cluster.users.changeStrategy(RunStrategy.Halted);
            cluster.rounds(2);
            cluster.host("host-a").hypervisor().powerOff(cluster.identity());
            cluster.settle();
            cluster.users.changeStrategy(RunStrategy.Always);
            for (int pass = 0; pass < 10 && cluster.incarnation(2).isEmpty(); pass++) {
                cluster.operate();
            }
            cluster.assertDoesNotRun();

            String what = new Schedule(cluster, Set.of(), new Random(0))
                    .administration()
                    .play(Event.STATE_IS_APPROVED);

            assertThat(what).isEqualTo("web: nothing");
        }
    }
}
