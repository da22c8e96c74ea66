package io.trustedlaunch.operator.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.audit.Act;
import io.trustedlaunch.testkit.Nodes;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EnrolmentConditionTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final ClusterNode node = Nodes.clusterNode(Nodes.info("host-a").build());

    @Test
    void onlyTheLabelOfItsKubernetesNodeEnrolsANode() {
        assertThat(of(Map.of(Enrolment.LABEL, "approved")).getStatus()).isEqualTo("True");

        assertThat(of(Map.of()).getStatus()).isEqualTo("False");
        assertThat(of(Map.of(Enrolment.LABEL, "")).getStatus()).isEqualTo("False");
        assertThat(of(Map.of("trusted-launch", "approved")).getStatus()).isEqualTo("False");
    }

    @Test
    void whatItSaidBeforeEnrolsNoNode() {
        assertThat(node.getStatus().conditions()).containsExactly(Nodes.ENROLLED);

        Condition gone = EnrolmentCondition.of(node, Optional.empty(), NOW);

        assertThat(gone.getStatus()).isEqualTo("False");
        assertThat(gone.getReason()).isEqualTo(Reason.KubernetesNodeMissing.name());
        assertThat(gone.getLastTransitionTime()).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(of(Map.of()).getReason()).isEqualTo(Reason.NodeNotApproved.name());
    }

    @Test
    void onlyWhatChangesWhetherTheNodeTakesPartIsAnAct() {
        Condition no = of(Map.of());
        Condition yes = of(Map.of(Enrolment.LABEL, "approved"));

        assertThat(EnrolmentCondition.act(Optional.of(no), yes)).contains(Act.NodeEnrolled);
        assertThat(EnrolmentCondition.act(Optional.empty(), yes)).contains(Act.NodeEnrolled);
        assertThat(EnrolmentCondition.act(Optional.of(yes), no)).contains(Act.NodeRevoked);
        assertThat(EnrolmentCondition.act(Optional.of(yes), yes)).isEmpty();
        assertThat(EnrolmentCondition.act(Optional.of(no), no)).isEmpty();
        assertThat(EnrolmentCondition.act(Optional.empty(), no)).isEmpty();
    }

    @Test
    void theMessageHasTheCommandThatApprovesTheNode() {
        assertThat(of(Map.of()).getMessage()).contains("kubectl tlvm node approve host-a");
        assertThat(EnrolmentCondition.of(node, Optional.empty(), NOW).getMessage())
                .contains("kubectl tlvm node approve host-a");
    }

    @Test
    void aNodeWithoutLabelsOrStatusIsNotEnrolled() {
        node.setStatus(null);
        Node bare = new NodeBuilder().withNewMetadata().endMetadata().build();
        bare.getMetadata().setLabels(null);

        assertThat(EnrolmentCondition.of(node, Optional.of(bare), NOW).getStatus())
                .isEqualTo("False");
        assertThat(Enrolment.isEnrolled(Optional.empty())).isFalse();
        assertThat(Enrolment.isEnrolled(
                        Optional.of(Nodes.status().conditions(List.of()).build())))
                .isFalse();
    }

    private Condition of(Map<String, String> labels) {
        return EnrolmentCondition.of(
                node,
                Optional.of(new NodeBuilder()
                        .withNewMetadata()
                        .withName("host-a")
                        .withLabels(labels)
                        .endMetadata()
                        .build()),
                NOW);
    }
}
