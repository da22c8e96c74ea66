package io.trustedlaunch.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.trustedlaunch.testkit.Cluster;
import java.util.Optional;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LeadershipIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "leadership");

    @Test
    void anOperatorThatIsTerminatedGivesItsLeaseUp() {
        await("the operator to lead").atMost(Cluster.TIMEOUT).until(() -> !holder().isEmpty());
        OPERATOR.terminate();
        assertThat(holder()).isEmpty();
    }

    private static String holder() {
        return Optional.ofNullable(CLUSTER.admin()
                        .leases()
                        .inNamespace(Cluster.NAMESPACE)
                        .withName(OperatorProcess.LEASE)
                        .get())
                .map(Lease::getSpec)
                .map(spec -> spec.getHolderIdentity())
                .orElse("");
    }
}
