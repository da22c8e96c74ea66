package io.trustedlaunch.protocol;

import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Objects are there without their statuses, for example because an administrator restored them so. */
class LostStatusesTest {
    @ParameterizedTest
    @EnumSource(Folders.class)
    void theTpmOfAGuestThatRunsGoesOnRecordAgain(Folders folders) {
        try (ClusterUnderTest cluster = new ClusterUnderTest(folders, "host-a", "host-b")) {
            cluster.start();
            cluster.server.loseStatus(cluster.vm().orElseThrow());
            cluster.server.loseStatus(cluster.incarnation(1).orElseThrow());

            cluster.settle();

            cluster.assertRunsAsRecorded();
        }
    }

    @ParameterizedTest
    @EnumSource(Folders.class)
    void theTpmOfAGuestThatStaysGoesOnRecordAgain(Folders folders) {
        try (ClusterUnderTest cluster = new ClusterUnderTest(folders, "host-a", "host-b")) {
            Host source = cluster.host("host-a");
            cluster.start();
            cluster.users.requestMigration("host-b");
            cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
            cluster.server.loseStatus(cluster.vm().orElseThrow());
            cluster.server.loseStatus(cluster.incarnation(1).orElseThrow());

            cluster.act(source);
            cluster.network.cut(source, cluster.host("host-b"));
            cluster.network.mend();
            cluster.settle();

            cluster.assertRunsAsRecorded();
        }
    }
}
