package io.trustedlaunch.operator.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.testkit.Nodes;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is on record about an approval and a revocation. The cache shows no write before the test says so. */
class EnrolmentReconcilerTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-03-01T12:00:00Z"));

    private final List<String> lines = new ArrayList<>();
    private final List<EventDraft> events = new ArrayList<>();
    private ClusterNode written;
    private boolean isApproved;
    private final EnrolmentReconciler reconciler = reconciler();

    @Test
    void anApprovalAndARevocationAreOneLineAndOneEventEach() {
        ClusterNode node = seen(Optional.of(Nodes.NOT_ENROLLED));
        isApproved = true;
        reconcile(node);
        reconcile(node);
        isApproved = false;
        reconcile(seen(enrolled()));

        assertThat(lines).containsExactly(line("NodeEnrolled", "NodeApproved"), line("NodeRevoked", "NodeNotApproved"));
        assertThat(events).extracting(EventDraft::reason).containsExactly(Reason.NodeApproved, Reason.NodeNotApproved);
    }

    @Test
    void aNodeThatWaitsForItsApprovalIsNoAct() {
        reconcile(seen(Optional.empty()));
        reconcile(seen(enrolled()));

        assertThat(lines).isEmpty();
        assertThat(events).isEmpty();
    }

    @Test
    void anotherOperatorDoesNotRecordItAgain() {
        isApproved = true;
        reconcile(seen(Optional.empty()));
        reconciler().over(seen(enrolled()), kubernetesNode());

        assertThat(lines).containsExactly(line("NodeEnrolled", "NodeApproved"));
    }

    private static String line(String act, String reason) {
        return "{\"audit\":true,\"time\":\"2026-03-01T12:00:00Z\",\"act\":\"" + act
                + "\",\"outcome\":\"Success\",\"kind\":\"ClusterNode\",\"name\":\"host-a\",\"uid\":\"uid-1\","
                + "\"node\":\"host-a\",\"reason\":\"" + reason + "\"}";
    }

    private Optional<Condition> enrolled() {
        return Optional.of(written.getStatus().conditions().getFirst());
    }

    private static ClusterNode seen(Optional<Condition> enrolled) {
        ClusterNode node = Nodes.clusterNode(Nodes.info("host-a").build());
        node.getMetadata().setUid("uid-1");
        node.setStatus(ClusterNodeStatusBuilder.builder(node.getStatus())
                .conditions(enrolled.map(List::of).orElse(List.of()))
                .build());
        return node;
    }

    private void reconcile(ClusterNode node) {
        reconciler.over(node, kubernetesNode());
    }

    private EnrolmentReconciler reconciler() {
        ResourceWriter writer = proxy(ResourceWriter.class, (method, arguments) -> {
            switch (method) {
                case "applyStatus" -> written = (ClusterNode) arguments[0];
                case "event" -> events.add((EventDraft) arguments[1]);
                default -> {}
            }
            return null;
        });
        return new EnrolmentReconciler(
                "vms", Optional::<ConfigMap>empty, writer, CLOCK, new AuditLog(CLOCK, lines::add));
    }

    private Optional<Node> kubernetesNode() {
        return Optional.of(new NodeBuilder()
                .withNewMetadata()
                .withName("host-a")
                .withLabels(isApproved ? Map.of(Enrolment.LABEL, Enrolment.APPROVED) : Map.of())
                .endMetadata()
                .build());
    }

    private interface Answer {
        Object to(String method, Object[] arguments);
    }

    private static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                EnrolmentReconcilerTest.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> answer.to(method.getName(), arguments)));
    }
}
