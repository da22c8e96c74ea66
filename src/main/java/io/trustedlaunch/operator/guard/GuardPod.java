package io.trustedlaunch.operator.guard;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.trustedlaunch.api.Api;
import java.util.Map;

/** A pod that only sleeps, with no rights at all. */
final class GuardPod {
    /** The operator has the same. */
    private static final long USER = 65_532;

    private static final int LONGEST_NAME = 253;

    private GuardPod() {}

    /**
     * The pod goes with its owner, so an uninstall removes it. It names the owner as its controller: {@code kubectl drain}
     * refuses pods without one.
     */
    static Pod of(GuardRole role, String node, String image, ServiceAccount owner) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(owner.getMetadata().getNamespace())
                .withName(role.podName(node))
                .withLabels(Map.of(
                        "app.kubernetes.io/name",
                        "trusted-launch-operator",
                        "app.kubernetes.io/component",
                        "guard",
                        Api.LABEL_GUARD,
                        role.label()))
                .withAnnotations(Map.of(
                        "kubernetes.io/description", role.description(node),
                        "cluster-autoscaler.kubernetes.io/safe-to-evict", "false",
                        "karpenter.sh/do-not-disrupt", "true"))
                .addNewOwnerReference()
                .withApiVersion("v1")
                .withKind("ServiceAccount")
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withController(true)
                .endOwnerReference()
                .endMetadata()
                .withSpec(spec(node, image, owner))
                .build();
    }

    private static PodSpec spec(String node, String image, ServiceAccount account) {
        return new PodSpecBuilder()
                // Not by the scheduler: a cordoned or full node with VMs needs its guard, too.
                .withNodeName(node)
                .addNewToleration()
                .withOperator("Exists")
                .endToleration()
                .withPriorityClassName("system-node-critical")
                .withServiceAccountName(account.getMetadata().getName())
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withTerminationGracePeriodSeconds(0L)
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withRunAsGroup(USER)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .withContainers(container(image))
                .build();
    }

    private static Container container(String image) {
        return new ContainerBuilder()
                .withName("guard")
                .withImage(image)
                .withImagePullPolicy("IfNotPresent")
                .withCommand("sleep", "infinity")
                .withNewResources()
                .withRequests(Map.of("cpu", new Quantity("1m"), "memory", new Quantity("4Mi")))
                .withLimits(Map.of("memory", new Quantity("16Mi")))
                .endResources()
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .build();
    }

    /** The name of a node may be as long as that of a pod. */
    static String name(String prefix, String node) {
        String name = prefix + node;
        if (name.length() <= LONGEST_NAME) {
            return name;
        }
        String hash = "-" + Integer.toHexString(node.hashCode());
        return name.substring(0, LONGEST_NAME - hash.length()).replaceAll("[-.]+$", "") + hash;
    }
}
