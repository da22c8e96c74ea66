package io.trustedlaunch.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.testkit.Nodes;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EnrolledNodesTest {
    private Optional<ClusterNodeStatus> status = Optional.of(Nodes.status().build());
    private boolean reachable = true;
    private final EnrolledNodes nodes = new EnrolledNodes(name -> {
        if (!reachable) {
            throw new KubernetesClientException("no route to host");
        }
        return status;
    });

    @Test
    void aRevocationCountsAtTheNextQuestion() {
        assertThat(nodes.test("host-a")).isTrue();

        status = Optional.of(
                Nodes.status().conditions(List.of(Nodes.NOT_ENROLLED)).build());
        assertThat(nodes.test("host-a")).isFalse();
    }

    @Test
    void aNodeThatIsUnknownIsNotEnrolled() {
        status = Optional.empty();
        assertThat(nodes.test("host-a")).isFalse();
    }

    @Test
    void whileTheApiServerDoesNotAnswerItsLastAnswerCountsAndNoneCountsAsNo() {
        assertThat(nodes.test("host-a")).isTrue();
        reachable = false;

        assertThat(nodes.test("host-a")).isTrue();
        assertThat(nodes.test("host-b")).isFalse();
    }
}
