package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.protocol.Host.Reach;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The power of a few hosts is cut automatically, and not of many at a time: that is a fault of the network. */
class ManyCutsTest {
    private static final int MOST_CUTS = 2;

    private final ClusterUnderTest cluster =
            new ClusterUnderTest(Folders.SHARED, "host-a", "host-b", "host-c", "host-d", "host-e", "host-f", "host-g");
    private final PowerSwitches switches = new PowerSwitches(cluster);

    @AfterEach
    void close() {
        cluster.close();
    }

    /** The operator counts the cuts in what its watch has brought, which lacks those that it has just begun. */
    @Test
    void theNodesThatAreFoundSilentInOnePassAreNotAllFenced() {
        List<Host> silent = cluster.hosts.subList(0, MOST_CUTS + 1);
        silent.forEach(host -> switches.attach(host, Agent.fence_redfish, true));
        cluster.rounds(4);
        silent.forEach(host -> host.reach(Reach.STORAGE));
        cluster.rounds(6);

        assertThat(switches.cuts()).doesNotHaveDuplicates().hasSize(MOST_CUTS);
    }
}
