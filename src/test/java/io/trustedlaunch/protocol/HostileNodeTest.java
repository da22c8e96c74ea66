package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.ClusterNodeStatus.Domain;
import io.trustedlaunch.api.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.VMIncarnation;
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
        cluster.changeStrategy(RunStrategy.Halted);
        cluster.settle();
        cluster.changeStrategy(RunStrategy.Always);
        cluster.settle();

        assertThat(cluster.status().epoch()).isEqualTo(2);
        cluster.assertRunsOn("host-a");
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
        cluster.server.edit(ClusterNode.class, "host-b", node -> {
            node.setStatus(ClusterNodeStatusBuilder.builder(node.getStatus())
                    .answer(new Answer(
                            cluster.leader().identity(),
                            node.getStatus().answer().bootID(),
                            null,
                            List.of(new Domain(Vms.UID, epoch, proof, null))))
                    .build());
            return node;
        });
    }
}
