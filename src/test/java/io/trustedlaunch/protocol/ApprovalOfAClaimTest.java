package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.incarnation.FakeTpms;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.Vms;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The state is approved with which an epoch begins, before its guest runs: it is for the start right after that epoch. */
class ApprovalOfAClaimTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b");
    private final Host a = cluster.host("host-a");

    @BeforeEach
    void approveTheClaimOfAStartThatIsUnderWay() {
        cluster.apply(Vms.vm(Vms.spec().build()));
        cluster.roundsUntil(() -> cluster.incarnations().stream()
                .map(VMIncarnation::getStatus)
                .anyMatch(status -> status != null && status.phase() == VMIncarnationStatus.Phase.Prepared));
        cluster.assertDoesNotRun();
        assertThat(new Remedies(cluster).approveNewest()).isTrue();
        cluster.settle();
        cluster.assertRunsOn("host-a");
        cluster.ledger.work();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void theStartAfterThatEpochGoesBackToItAndTheNextOneDoesNot() {
        startAnew();
        assertThat(cluster.ledger.tpm(VM)).isZero();
        cluster.ledger.work();

        startAnew();
        assertThat(cluster.ledger.tpm(VM)).isEqualTo(1);
    }

    @Test
    void aTpmThatGoesBackAfterThatIsNoticed() {
        startAnew();
        cluster.ledger.work();
        Host b = cluster.host("host-b");
        a.hypervisor().putTpm(VM, FakeTpms.state(cluster.ledger.ek(VM).orElseThrow(), "0"));
        a.hypervisor().runAlsoOn(b.hypervisor(), VM, 3);
        a.hypervisor().powerOff(VM);

        assertThatThrownBy(cluster::check).hasMessageContaining("what the guest finds in its TPM");
    }

    /** Whoever approved it may have looked a moment before the guest began. */
    @Test
    void asLongAsItCountsReadySaysThatTheNextStartGoesBack() {
        String warning = "the next start goes back to guest state 1-1 (spec.approveGuestState)";
        assertThat(ready()).contains(warning);
        startAnew();
        assertThat(ready()).doesNotContain("goes back");
    }

    private String ready() {
        return ConditionType.Ready.in(cluster.status().conditions())
                .orElseThrow()
                .getMessage();
    }

    private void startAnew() {
        end();
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();
        cluster.assertRunsOn("host-a");
    }

    private void end() {
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(2);
        a.hypervisor().powerOff(VM);
        cluster.settle();
    }
}
