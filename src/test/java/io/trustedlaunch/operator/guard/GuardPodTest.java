package io.trustedlaunch.operator.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import org.junit.jupiter.api.Test;

class GuardPodTest {
    private static final ServiceAccount OWNER = new ServiceAccountBuilder()
            .withNewMetadata()
            .withNamespace("trusted-launch-system")
            .withName(GuardReconciler.ACCOUNT)
            .withUid("uid-1")
            .endMetadata()
            .build();

    private final Pod pod = GuardPod.of(GuardRole.Guard, "host-a", "registry.example/image:1", OWNER);

    @Test
    void itGoesWithTheChartAndKubectlDrainFindsAController() {
        assertThat(pod.getMetadata().getFinalizers()).isEmpty();
        assertThat(pod.getMetadata().getOwnerReferences()).singleElement().satisfies(owner -> {
            assertThat(owner.getKind() + "/" + owner.getName()).isEqualTo("ServiceAccount/trusted-launch-guard");
            assertThat(owner.getUid()).isEqualTo("uid-1");
            assertThat(owner.getController()).isTrue();
        });
    }

    @Test
    void itIsOnItsNodeWhateverTheNodeKeepsAway() {
        assertThat(pod.getSpec().getNodeName()).isEqualTo("host-a");
        assertThat(pod.getSpec().getTolerations()).singleElement().satisfies(toleration -> {
            assertThat(toleration.getOperator()).isEqualTo("Exists");
            assertThat(toleration.getKey()).isNull();
            assertThat(toleration.getEffect()).isNull();
        });
    }

    @Test
    void autoscalersLeaveItsNodeAlone() {
        assertThat(pod.getMetadata().getAnnotations())
                .containsEntry("cluster-autoscaler.kubernetes.io/safe-to-evict", "false");
    }

    /** Without volumes, kubectl drain needs no further flag. */
    @Test
    void itHasNoRightsAndNoVolumes() {
        assertThat(pod.getSpec().getServiceAccountName()).isEqualTo("trusted-launch-guard");
        assertThat(pod.getSpec().getAutomountServiceAccountToken()).isFalse();
        assertThat(pod.getSpec().getVolumes()).isEmpty();
        assertThat(pod.getSpec().getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSpec().getSecurityContext().getSeccompProfile().getType())
                .isEqualTo("RuntimeDefault");
        Container container = pod.getSpec().getContainers().getFirst();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
    }

    @Test
    void longNamesOfNodesStayApart() {
        String node = "n".repeat(200) + "." + "o".repeat(52);
        String one = GuardRole.DrainSignal.podName(node);
        String other = GuardRole.DrainSignal.podName(node.substring(0, 251) + "x" + "y");

        assertThat(GuardRole.Guard.podName("host-a")).isEqualTo("trusted-launch-guard-host-a");
        assertThat(one).hasSizeLessThanOrEqualTo(253).isNotEqualTo(other);
        assertThat(GuardRole.DrainSignal.podName(node)).isEqualTo(one);
    }
}
