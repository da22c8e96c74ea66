package io.trustedlaunch.protocol;

import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Hosts that share a folder, on the first of which a VM runs whose guest has written once. */
abstract class RunningVm {
    final ClusterUnderTest cluster;
    final Host a;
    final Host b;

    RunningVm() {
        this("host-a", "host-b");
    }

    RunningVm(String... hosts) {
        cluster = new ClusterUnderTest(Folders.SHARED, hosts);
        a = cluster.host("host-a");
        b = cluster.host("host-b");
    }

    @BeforeEach
    void start() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.ledger.work();
        cluster.rounds(2);
    }

    @AfterEach
    void close() {
        cluster.close();
    }
}
