package io.trustedlaunch.operator.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.testkit.Manifest;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which machine a node is, and what is on record about it. */
class MachineReconcilerTest {
    private static final String MACHINE = "dd1f0b6f-7e2c-45ed-8737-b6004f4224cf";
    private static final String OTHER = "11111111-7e2c-45ed-8737-b6004f4224cf";
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String CONFIRMED = "spec: {machineUUID: " + MACHINE + "}";
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private static final Manifest NODE = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: ClusterNode
            metadata: {name: host-a, uid: uid-a}
            spec: {}
            status:
              machineUUID: %s
              conditions: [{type: Enrolled, status: "True", reason: NodeApproved}]
            """.formatted(MACHINE));

    private final List<Map<String, Object>> specs = new ArrayList<>();
    private final List<Condition> conditions = new ArrayList<>();
    private final List<EventDraft> events = new ArrayList<>();

    private final MachineReconciler reconciler = new MachineReconciler(
            (ResourceWriter) Proxy.newProxyInstance(
                    ResourceWriter.class.getClassLoader(),
                    new Class<?>[] {ResourceWriter.class},
                    (proxy, method, arguments) -> write(method.getName(), arguments)),
            InstantSource.fixed(NOW));

    @SuppressWarnings("unchecked")
    private Object write(String method, Object[] arguments) {
        switch (method) {
            case "mergeSpec" -> specs.add((Map<String, Object>) arguments[1]);
            case "applyStatus" ->
                conditions.addAll(((ClusterNode) arguments[0]).getStatus().conditions());
            case "event" -> events.add((EventDraft) arguments[1]);
            default -> throw new AssertionError(method);
        }
        return arguments[0];
    }

    @Test
    void theMachineOfAnApprovedNodeIsTakenOver() {
        reconcile();
        assertThat(specs).containsExactly(Map.of("machineUUID", MACHINE));
    }

    @Test
    void theMachineOfANodeThatIsNotApprovedIsNot() {
        reconcile("status: {conditions: [{type: Enrolled, status: \"False\", reason: NodeNotApproved}]}");
        reconcile("status: {conditions: []}");
        assertThat(specs).isEmpty();
        assertThat(conditions).isEmpty();
    }

    @Test
    void aMachineThatWasTakenOverDoesNotChangeByItself() {
        reconcile(CONFIRMED, "status: {machineUUID: " + OTHER + "}");
        assertThat(specs).isEmpty();
        assertThat(conditions).singleElement().satisfies(condition -> {
            assertThat(condition.getStatus()).isEqualTo("False");
            assertThat(condition.getReason()).isEqualTo("MachineChanged");
            assertThat(condition.getMessage())
                    .contains("as machine " + MACHINE, "reports machine " + OTHER, "kubectl tlvm node approve host-a");
        });
        assertThat(events).extracting(EventDraft::reason).containsExactly(Reason.MachineChanged);
    }

    @Test
    void theMachineInTheOtherOrderOfBytesIsTheSame() {
        reconcile(CONFIRMED, "status: {machineUUID: 6f0b1fdd-2c7e-ed45-8737-b6004f4224cf}");
        assertSays("True", Reason.MachineConfirmed);
        assertThat(events).isEmpty();
    }

    @Test
    void aNodeWithoutAReportKeepsItsMachine() {
        reconcile(CONFIRMED, "status: {machineUUID: null}");
        assertSays("True", Reason.MachineConfirmed);
    }

    @Test
    void aNameOfManyMachinesIsNotTakenOver() {
        reconcile("status: {machineUUID: 00000000-0000-0000-0000-000000000000}");
        assertThat(specs).isEmpty();
        assertSays("False", Reason.MachineUnknown);
    }

    private void assertSays(String status, Reason reason) {
        assertThat(conditions).singleElement().satisfies(condition -> {
            assertThat(condition.getStatus()).isEqualTo(status);
            assertThat(condition.getReason()).isEqualTo(reason.name());
        });
    }

    private void reconcile(String... changes) {
        String yaml = Arrays.stream(changes)
                .reduce(NODE, Manifest::with, (one, other) -> other)
                .yaml();
        reconciler.reconcile(YAML.unmarshal(yaml, ClusterNode.class), null);
    }
}
