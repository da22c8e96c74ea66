package io.trustedlaunch.operator.incarnation;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.operator.kube.KubeApiReader;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Incarnations;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class OrphanReconcilerIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    /** The VM's controller removes the incarnation before the VM: a late cache shows an orphan. */
    @Test
    void anIncarnationThatTheVmsControllerRemovedIsNotRemovedAgain() {
        VMIncarnation seen = new VMIncarnation();
        String uid = UUID.randomUUID().toString();
        seen.setMetadata(new ObjectMetaBuilder()
                .withNamespace(Cluster.NAMESPACE)
                .withName(VMIncarnation.nameOf(uid, 1))
                .withResourceVersion("1")
                .build());
        seen.setSpec(VMIncarnationSpecBuilder.builder()
                .vmRef(new VmRef("gone", "payroll", uid, null))
                .cluster(Incarnations.CLUSTER)
                .epoch(1L)
                .nodeName("host-a")
                .desiredState(DesiredState.Erased)
                .firstStart(true)
                .build());
        seen.setStatus(VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(Phase.Erased)
                .build());

        ResourceWriter unused = (ResourceWriter) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ResourceWriter.class}, (proxy, method, arguments) -> {
                    throw new AssertionError(method.getName() + " of what is gone");
                });
        assertThatCode(() ->
                        new OrphanReconciler(new KubeApiReader(CLUSTER.admin()), unused).over(seen, Optional.empty()))
                .doesNotThrowAnyException();
    }
}
