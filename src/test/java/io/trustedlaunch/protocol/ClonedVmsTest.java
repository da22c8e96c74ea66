package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A new VM begins with the disk of another one's backup; each host has a folder of its own. */
class ClonedVmsTest {
    private static final Duration A_MOMENT = Duration.ofSeconds(10);

    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SEPARATE, "host-a", "host-b");
    private final Host a = cluster.host("host-a");

    @BeforeEach
    void copy() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.ledger.work();
        cluster.rounds(2);
        a.startAgent().seal();
        String backup = cluster.backups
                .save(cluster.server, cluster.home(a), cluster.name())
                .orElseThrow();
        cluster.apply(RestoreEvents.copyOf(backup));
        cluster.turnTo(RestoreEvents.COPY);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void theDiskIsCopiedAgainIfItsNodeDiesBeforeTheFirstStart() {
        cluster.roundsUntil(this::isCopied);
        Host first = cluster.host(copy(cluster).orElseThrow().nodeName());
        assertThat(cluster.runningOn()).isEmpty();
        cluster.faults.fence(first);
        cluster.roundsUntil(() -> fence().isPresent());
        // Only a word proves it, and the other host cannot see that folder.
        cluster.server.setAnnotations(cluster.vm().orElseThrow(), Map.of(Api.ACCEPTED_FENCE, fence().orElseThrow()));
        cluster.roundsUntil(() -> cluster.runningOn().isPresent());

        String second = cluster.runningOn().orElseThrow();
        assertThat(second).isNotEqualTo(first.name());
        assertThat(GuestFiles.disk(cluster.host(second), cluster.identity())).isEqualTo(1);
    }

    /** Its first start is on record there, and the copying elsewhere, too; then the host is heard again. */
    @Test
    void aFirstStartOnAHostThatIsFalselySaidToBeDeadDoesNotPassTheCopyingElsewhere() {
        cluster.roundsUntil(this::isCopied);
        Host first = cluster.host(copy(cluster).orElseThrow().nodeName());
        first.reach(Host.Reach.NOTHING);
        cluster.operate();
        cluster.operate();
        assertThat(cluster.status().nodeName()).isEqualTo(first.name());
        cluster.faults.lie(first, false);
        cluster.roundsUntil(() -> cluster.faults.isProvedDead(first));
        cluster.operate();
        assertThat(copy(cluster).orElseThrow().nodeName()).isNotEqualTo(first.name());
        first.reach(Host.Reach.ALL);
        first.startAgent().report(cluster.leader().identity());
        cluster.pass(A_MOMENT);
        cluster.act(first);
        assertThat(cluster.incarnation(1).orElseThrow().status())
                .as("its folder is not touched")
                .hasValueSatisfying(
                        status -> assertThat(status.phase()).isNotEqualTo(VMIncarnationStatus.Phase.Prepared));
        cluster.operate();
        assertThat(cluster.faults.isProvedDead(first)).isFalse();
        cluster.roundsUntil(() -> cluster.runningOn().isPresent());
        cluster.ledger.work();
        cluster.rounds(2);
        int written = GuestFiles.disk(cluster.host(cluster.runningOn().orElseThrow()), cluster.identity());
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.settle();
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();

        assertThat(GuestFiles.disk(cluster.host(cluster.runningOn().orElseThrow()), cluster.identity()))
                .isEqualTo(written);
        cluster.assertRunsAsRecorded();
    }

    private boolean isCopied() {
        return copy(cluster)
                .filter(one -> one.outcome() == RestoreOutcome.Completed)
                .isPresent();
    }

    private Optional<String> fence() {
        return cluster.server
                .all(NodeFence.class)
                .findFirst()
                .map(fence -> fence.getMetadata().getName());
    }

    private static Optional<Restore> copy(ClusterUnderTest cluster) {
        return cluster.vm().map(vm -> vm.getStatus()).map(TrustedLaunchVMStatus::restore);
    }
}
