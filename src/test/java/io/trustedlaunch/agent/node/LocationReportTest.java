package io.trustedlaunch.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.location.LocationState;
import io.trustedlaunch.agent.location.LocationStateBuilder;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNodeStatus.Location;
import io.trustedlaunch.api.node.ClusterNodeStatus.Peer;
import io.trustedlaunch.api.node.ClusterNodeStatusLocationBuilder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocationReportTest {
    private static final Peer A = new Peer("a", "token-a");
    private static final Peer B = new Peer("b", "token-b");
    private static final Peer B_RESTARTED = new Peer("b", "another");

    /** In mebibytes. */
    @ParameterizedTest
    @CsvSource({
        "10000, 10000Mi, 10000Mi",
        "9200, 10000Mi, 10000Mi",
        "10900, 10000Mi, 10000Mi",
        "8900, 10000Mi, 8896Mi",
        "11300, 10000Mi, 11264Mi",
        "63, 64Mi, 0Mi",
        "70, 64Mi, 64Mi",
        "0, 0Mi, 0Mi",
    })
    void freeSpaceIsReportedAgainAfterAChangeByATenth(long now, String reported, String expected) {
        Location before = ClusterNodeStatusLocationBuilder.builder()
                .name("csv")
                .ready(true)
                .freeSpace(new Quantity(reported))
                .build();

        assertThat(report(open(now << 20, false), before).freeSpace()).isEqualTo(new Quantity(expected));
    }

    @Test
    void freeSpaceIsReportedInWholeSteps() {
        assertThat(report(open(130L << 20, false), null).freeSpace()).isEqualTo(new Quantity("128Mi"));
    }

    @Test
    void aRestartedAgentStillReportsKnownPeers() {
        Location before = ClusterNodeStatusLocationBuilder.builder()
                .name("csv")
                .ready(true)
                .token("token")
                .peers(List.of(A, B))
                .build();

        assertThat(report(open(0, true, B_RESTARTED), before).peers()).containsExactly(A, B_RESTARTED);
        assertThat(report(open(0, false, B_RESTARTED), before).peers()).containsExactly(B_RESTARTED);
    }

    @Test
    void aClosedLocationReportsNoPeers() {
        Location before = ClusterNodeStatusLocationBuilder.builder()
                .name("csv")
                .ready(true)
                .freeSpace(new Quantity("64Mi"))
                .token("token")
                .peers(List.of(A))
                .build();
        LocationState closed = LocationStateBuilder.builder()
                .problem(Optional.of(new Problem(Reason.LocationMissing, "gone")))
                .token(Optional.empty())
                .peers(List.of())
                .young(true)
                .build();

        assertThat(report(closed, before))
                .isEqualTo(ClusterNodeStatusLocationBuilder.builder()
                        .name("csv")
                        .ready(false)
                        .reason(Reason.LocationMissing.name())
                        .message("gone")
                        .build());
    }

    private static LocationState open(long freeBytes, boolean young, Peer... peers) {
        return LocationStateBuilder.builder()
                .problem(Optional.empty())
                .freeBytes(freeBytes)
                .token(Optional.of("token"))
                .peers(List.of(peers))
                .young(young)
                .build();
    }

    private static Location report(LocationState state, Location before) {
        return new LocationReport("csv", state, Optional.ofNullable(before)).location();
    }
}
