package io.trustedlaunch.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.EndorsementKeys;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What somebody can do who has the token of a node's agent, under the roles and policies of the chart. */
class HostileNodeIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "hostile-node");

    private static final Duration PATIENCE = Cluster.TIMEOUT;

    private PlayedAgent victim;
    private PlayedAgent attacker;

    @BeforeEach
    void register() {
        victim = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("victim"))).register();
    }

    @AfterEach
    void close() {
        victim.close();
        if (attacker != null) {
            attacker.close();
        }
    }

    /** It claims a later incarnation of another node's VM, with all that it can read. */
    @Test
    void itMovesNoVmToItsNodeAndHasNoKeySealedToIt() {
        TrustedLaunchVM vm = CLUSTER.create(vm());
        String uid = vm.getMetadata().getUid();
        VMIncarnation incarnation = victim.awaitIncarnation(uid, 1);
        victim.report(
                incarnation,
                VMIncarnationStatusBuilder.builder()
                        .observedGeneration(1L)
                        .phase(Phase.Running)
                        .ekDigest(EndorsementKeys.ONE.digest())
                        .ekPublic(EndorsementKeys.ONE.toBase64())
                        .build());
        attacker = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("attacker"))).register();
        attacker.reportDomain(uid, 9, incarnation.getSpec().proof());
        attacker.answerLeader();

        await("an event about the attacker's node").atMost(PATIENCE).until(this::isTold);
        TrustedLaunchVM now = CLUSTER.admin().resource(vm).get();
        assertThat(now.getStatus().nodeName()).isEqualTo(victim.name());
        assertThat(now.getStatus().epoch()).isEqualTo(1);
        assertThat(CLUSTER.admin()
                        .resources(VMIncarnation.class)
                        .inNamespace(Cluster.NAMESPACE)
                        .list()
                        .getItems())
                .filteredOn(one -> one.getSpec().vmRef().uid().equals(uid))
                .extracting(one -> one.getSpec().nodeName())
                .containsExactly(victim.name());
    }

    private boolean isTold() {
        return CLUSTER.admin().v1().events().inAnyNamespace().list().getItems().stream()
                .filter(event ->
                        attacker.name().equals(event.getInvolvedObject().getName()))
                .anyMatch(event -> event.getReason().equals(Reason.UnprovedIncarnation.name()));
    }

    private static TrustedLaunchVM vm() {
        String image = OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher"));
        return OfferedImage.vm(CLUSTER.namespace(), "payroll", image);
    }
}
