package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.node.ClusterNodeStatus.Domain;
import io.trustedlaunch.api.node.ClusterNodeStatus.PendingArrival;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The VM runs on host-a. The attacker has host-b's token: it writes the status of host-b, and reads all VMIncarnations. */
class HostileNodeTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SEPARATE, "host-a", "host-b");

    @BeforeEach
    void start() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.host("host-b").killAgent();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 9, Long.MAX_VALUE})
    void itsWordMovesNoVmAndHasNoKeySealed(long epoch) {
        report(epoch, null);
        assertStays();
        report(epoch, proofOfHostA());
        assertStays();
    }

    @Test
    void anAbsurdEpochDoesNotBlockTheNextStart() {
        report(Long.MAX_VALUE, proofOfHostA());
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.settle();
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();

        assertThat(cluster.status().epoch()).isEqualTo(2);
        cluster.assertRunsOn("host-a");
    }

    /** It makes migrations to it fail, and keeps the proof of the first. */
    @Test
    void aProofOfAMigrationThatFailedMovesNoVmAfterAnotherOne() {
        failMigration();
        String proof = cluster.incarnation(2).orElseThrow().getSpec().proof();
        cluster.settle();
        failMigration();
        cluster.settle();
        assertThat(cluster.status().migration().epoch()).isEqualTo(3);
        cluster.host("host-b").killAgent();

        report(2, proof);

        assertStays();
        assertThat(cluster.status().epoch()).isEqualTo(1);
    }

    /** The epoch of the migration is an earlier one then. */
    @Test
    void aProofOfAMigrationThatFailedMovesNoVmInTheNextIncarnationEither() {
        failMigration();
        String proof = cluster.incarnation(2).orElseThrow().getSpec().proof();
        cluster.settle();
        cluster.host("host-b").killAgent();
        restart();
        assertThat(cluster.status().epoch()).isEqualTo(3);

        report(2, proof);

        assertStays();
        assertThat(cluster.status().epoch()).isEqualTo(3);
    }

    /** It says that the guest has left its source, which says nothing of it. */
    @Test
    void aProofOfAMigrationThatFailedMovesNoVmAlsoIfItSaysThatTheGuestHasLeft() {
        failMigration();
        String proof = cluster.incarnation(2).orElseThrow().getSpec().proof();
        cluster.settle();
        failMigration();
        cluster.settle();
        cluster.host("host-b").killAgent();

        report(new Domain(Vms.UID, 2L, proof, new PendingArrival(1L, true)));

        assertStays();
        assertThat(cluster.status().epoch()).isEqualTo(1);
    }

    /** Of its own VM: each epoch after that would be less than none. */
    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, Long.MAX_VALUE - 1, 1L << 40})
    void aStateOfAnAbsurdEpochDoesNotBlockTheNextStart(long epoch) {
        cluster.host("host-a").killAgent();
        cluster.host("host-a").hypervisor().powerOff(ClusterUnderTest.VM);
        cluster.server.edit(VMIncarnation.class, VMIncarnation.nameOf(Vms.UID, 1), incarnation -> {
            incarnation.setStatus(VMIncarnationStatusBuilder.builder(incarnation.getStatus())
                    .phase(Phase.Stopped)
                    .exit(Exit.Crashed)
                    .guestState(new SealedState(new GuestStateVersion(epoch, 1L), null, null, false, null))
                    .build());
            return incarnation;
        });
        for (int pass = 0; pass < 5; pass++) {
            cluster.operate();
        }
        assertThat(cluster.status().epoch()).isEqualTo(2);

        cluster.settle();
        cluster.assertRunsOn("host-a");
        cluster.assertRunsAsRecorded();
    }

    private void failMigration() {
        cluster.network.mend();
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.network.cut(cluster.host("host-a"), cluster.host("host-b"));
    }

    private void restart() {
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(2);
        cluster.host("host-a").hypervisor().powerOff(ClusterUnderTest.VM);
        cluster.settle();
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();
    }

    private void assertStays() {
        cluster.rounds(5);
        cluster.assertRunsOn("host-a");
        assertThat(cluster.status().nodeName()).isEqualTo("host-a");
        assertThat(cluster.server
                        .seen(VMIncarnation.class)
                        .map(one -> one.getSpec().nodeName()))
                .containsOnly("host-a");
    }

    private String proofOfHostA() {
        return cluster.incarnation(1).orElseThrow().getSpec().proof();
    }

    private void report(long epoch, String proof) {
        report(new Domain(Vms.UID, epoch, proof, null));
    }

    private void report(Domain domain) {
        cluster.server.edit(ClusterNode.class, "host-b", node -> {
            node.setStatus(ClusterNodeStatusBuilder.builder(node.getStatus())
                    .answer(new Answer(
                            cluster.leader().identity(),
                            node.getStatus().answer().bootID(),
                            null,
                            List.of(domain)))
                    .build());
            return node;
        });
    }
}
