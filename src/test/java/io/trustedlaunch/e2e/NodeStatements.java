package io.trustedlaunch.e2e;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What a person says of nodes, and what the operator makes of it. */
record NodeStatements(Stage stage) {
    /** The user of the lab's kubeconfig. */
    static final String PERSON = "lab-admin";

    /** Says that a node is off. */
    void state(String node) {
        say(node, "statement", "confirmedBy", "powerOff");
    }

    /** Wants the power of a node cut. */
    void cutPower(String node) {
        say(node, "powerOff", "requestedBy", "statement");
    }

    void withdraw(String node) {
        patch(node, "null");
    }

    /** @param other that an earlier test may have left */
    private void say(String node, String word, String by, String other) {
        String boot = resource(node).get().getStatus().answer().bootID();
        patch(
                node,
                "{\"" + word + "\": {\"bootID\": \"" + boot + "\", \"" + by + "\": \"" + PERSON + "\"}, \"" + other
                        + "\": null}");
    }

    private void patch(String node, String fencing) {
        resource(node).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"fencing\": " + fencing + "}}");
    }

    private Resource<ClusterNode> resource(String node) {
        return stage.client.resources(ClusterNode.class).withName(node);
    }

    void awaitFence(String node, Phase... phases) {
        await("the fence of " + node + " to be " + List.of(phases))
                .atMost(Stage.TIMEOUT)
                .until(
                        () -> phase(node),
                        found -> found.filter(List.of(phases)::contains).isPresent());
    }

    void awaitForgotten(String node) {
        await("the word about " + node + " to be forgotten")
                .atMost(Stage.TIMEOUT)
                .until(() ->
                        phase(node).filter(phase -> phase != Phase.Released).isEmpty());
    }

    /** Of the node's newest fence. */
    private Optional<Phase> phase(String node) {
        return stage.client.resources(NodeFence.class).list().getItems().stream()
                .filter(fence -> fence.getSpec().nodeName().equals(node))
                .max(Comparator.comparing(fence -> fence.getMetadata().getCreationTimestamp()))
                .map(NodeFence::getStatus)
                .map(NodeFenceStatus::phase);
    }
}
