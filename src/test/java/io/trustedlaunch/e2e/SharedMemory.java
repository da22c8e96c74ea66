package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.node.ClusterNode;
import java.math.BigDecimal;
import java.util.Map;

/** The memory of a node that runs pods and VMs. Its kubelet keeps a part of it from pods. */
record SharedMemory(Stage stage, String node) {
    private static final String HOSTNAME = "kubernetes.io/hostname";
    private static final String FOR_VMS = "1Gi";
    private static final String VM = "ledger";

    /** The scheduler places no pod that would take the VMs' part, the kubelet refuses one, and a VM gets all of it. */
    void isGivenOnce() {
        setMemoryForVms("\"" + FOR_VMS + "\"");
        await("the memory of VMs to be reserved on " + node)
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.nodeCondition(node, ConditionType.MemoryReserved)
                        .filter(condition -> condition.getStatus().equals("True"))
                        .isPresent());
        Pod scheduled = stage.create(greedyPod("scheduled")
                .editSpec()
                .withNodeSelector(Map.of(HOSTNAME, node))
                .endSpec()
                .build());
        Pod placed = stage.create(
                greedyPod("placed").editSpec().withNodeName(node).endSpec().build());
        await("the scheduler to have refused the pod")
                .atMost(Stage.TIMEOUT)
                .untilAsserted(() -> assertThat(status(scheduled).getConditions())
                        .anySatisfy(condition -> {
                            assertThat(condition.getReason()).isEqualTo("Unschedulable");
                            assertThat(condition.getMessage()).contains("Insufficient memory");
                        }));
        await("the kubelet to have refused the pod")
                .atMost(Stage.TIMEOUT)
                .untilAsserted(() -> assertThat(status(placed).getReason()).isEqualTo("OutOfmemory"));

        stage.create(stage.vmInFirmware(VM).memory(FOR_VMS).onNodesWith(HOSTNAME, node));
        String uid = stage.awaitRunning(VM).identity();
        assertThat(status(scheduled).getPhase()).isEqualTo("Pending");

        stage.delete(VM);
        stage.awaitGone(VM, uid);
        stage.client
                .resourceList(scheduled, placed)
                .inNamespace(stage.namespace)
                .delete();
        setMemoryForVms("null");
    }

    private void setMemoryForVms(String value) {
        stage.client
                .resources(ClusterNode.class)
                .withName(node)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"memoryForVMs\": " + value + "}}");
    }

    /** It asks for all memory of the node but a GiB, which the node has and does not give to pods. */
    private PodBuilder greedyPod(String name) {
        BigDecimal capacity = stage.client
                .nodes()
                .withName(node)
                .get()
                .getStatus()
                .getCapacity()
                .get("memory")
                .getNumericalAmount();
        String request = capacity.subtract(new Quantity(FOR_VMS).getNumericalAmount())
                .toBigInteger()
                .toString();
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(stage.namespace)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("never")
                .withImage("localhost/never-started")
                .withNewResources()
                .addToRequests("memory", new Quantity(request))
                .endResources()
                .endContainer()
                .endSpec();
    }

    private PodStatus status(Pod pod) {
        return stage.client.resource(pod).get().getStatus();
    }
}
