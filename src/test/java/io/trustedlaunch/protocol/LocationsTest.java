package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationStatus.Group;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which hosts share a storage location is what their agents read there. */
class LocationsTest {
    @Test
    void hostsWithOneFolderShareItAndSeeEachOthersLocks() {
        try (ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b", "host-c")) {
            cluster.server.loseStatus(location(cluster));
            cluster.rounds(12);

            assertThat(location(cluster).getStatus().groups())
                    .containsExactly(new Group(List.of("host-a", "host-b", "host-c"), true));
        }
    }

    @Test
    void aHostThatIsOffStaysInItsGroup() {
        try (ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b", "host-c")) {
            cluster.rounds(12);
            cluster.host("host-a").powerOff();
            cluster.rounds(12);

            assertThat(location(cluster).getStatus().groups())
                    .containsExactly(new Group(List.of("host-a", "host-b", "host-c"), true));
        }
    }

    @Test
    void hostsWithOneFolderEachShareNone() {
        try (ClusterUnderTest cluster = new ClusterUnderTest(Folders.SEPARATE, "host-a", "host-b")) {
            cluster.rounds(12);

            assertThat(location(cluster).getStatus().groups()).isEmpty();
        }
    }

    private static StorageLocation location(ClusterUnderTest cluster) {
        return cluster.server.find(StorageLocation.class, "default").orElseThrow();
    }
}
