package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProcessEventsTest {
    /** A VM can be placed there before its Lease has run out. */
    @Test
    void noAgentStartsOnAHostWithoutPower() {
        try (ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a")) {
            Random random = new Random(0);
            ProcessEvents processes = new ProcessEvents(cluster, random, new Schedule(cluster, Set.of(), random));
            Host host = cluster.host("host-a");
            host.powerOff();

            processes.catchUp(host);

            assertThat(host.agent()).isEmpty();
        }
    }
}
