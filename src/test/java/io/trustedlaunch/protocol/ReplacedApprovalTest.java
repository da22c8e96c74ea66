package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.agent.incarnation.FakeTpms;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.vm.ApprovedGuestState;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An old state is approved, and its user changes that before the start has used it. The ledger would see the TPM go back. */
class ReplacedApprovalTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b");
    private final Host a = cluster.host("host-a");

    @BeforeEach
    void orderAStartFromTheFirstState() {
        cluster.start();
        cluster.ledger.work();
        cluster.rounds(2);
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(2);
        a.hypervisor().powerOff(VM);
        cluster.settle();
        approveFirst();
        cluster.users.changeStrategy(RunStrategy.Always);
        for (int pass = 0; pass < 10 && cluster.incarnation(2).isEmpty(); pass++) {
            cluster.operate();
        }
        assertThat(cluster.incarnation(2).orElseThrow().getSpec().approvedGuestState())
                .isNotNull();
        cluster.assertDoesNotRun();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void noStartIsOrderedWithAnApprovalThatWasReplacedSince() {
        cluster.server.delete(cluster.incarnation(2).orElseThrow());
        cluster.leader().look();
        new Remedies(cluster).approveNewest();
        cluster.leader().pass();

        assertGoesOnFrom(1);
    }

    @Test
    void norWithOneThatWasRemoved() {
        cluster.server.delete(cluster.incarnation(2).orElseThrow());
        cluster.leader().look();
        cluster.users.edit(spec -> spec.approveGuestState(null));
        cluster.leader().pass();

        assertGoesOnFrom(1);
    }

    @Test
    void aStartThatWasRefusedAndWaitsIsNotPassedOneThatWasRemoved() {
        GuestStateVersion first = Collections.min(cluster.home(a).versions());
        cluster.home(a).remove(List.of(first));
        cluster.act(a);
        cluster.operate();
        new Remedies(cluster).approveNewest();
        cluster.leader().look();
        cluster.users.edit(spec -> spec.approveGuestState(null));
        cluster.leader().pass();
        assertThat(cluster.incarnation(2).orElseThrow().getSpec().approvedGuestState())
                .isEqualTo(first);

        assertGoesOnFrom(1);
    }

    /** Its agent may have used it already. */
    @Test
    void aStartThatHasItsOrderGoesOnWithTheApprovalInIt() {
        new Remedies(cluster).approveNewest();

        assertGoesOnFrom(0);
    }

    @Test
    void aTpmThatGoesBackInALaterStartIsNoticed() {
        new Remedies(cluster).approveNewest();
        assertGoesOnFrom(0);
        cluster.ledger.work();
        a.hypervisor().putTpm(VM, FakeTpms.state(cluster.ledger.ek(VM).orElseThrow(), "0"));
        a.hypervisor().runAlsoOn(cluster.host("host-b").hypervisor(), VM, 3);
        a.hypervisor().powerOff(VM);

        assertThatThrownBy(cluster::check).hasMessageContaining("what the guest finds in its TPM");
    }

    private void assertGoesOnFrom(int tpm) {
        cluster.settle();
        cluster.assertRunsOn("host-a");
        assertThat(cluster.ledger.tpm(VM)).isEqualTo(tpm);
    }

    private void approveFirst() {
        HomeView home = cluster.home(a);
        GuestStateVersion first = Collections.min(home.versions());
        Secret key = cluster.server.find(Secret.class, VM.toString()).orElseThrow();
        cluster.ledger.approved(VM, first.epoch(), home.tpm(first, key).orElseThrow());
        cluster.users.edit(
                spec -> spec.approveGuestState(new ApprovedGuestState(first.epoch(), first.generation(), "ada", null)));
    }
}
