package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.vm.ApprovedGuestState;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A state is approved while a start goes on without it: whatever the guest does after that is not lost by the start after (I2). */
class ApprovalDuringAStartTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a");

    @BeforeEach
    void approveTheStateThatTheStartUsesAnyway() {
        cluster.start();
        stop();
        cluster.users.changeStrategy(RunStrategy.Always);
        for (int pass = 0; pass < 10 && cluster.incarnation(2).isEmpty(); pass++) {
            cluster.operate();
        }
        cluster.assertDoesNotRun();
        GuestStateVersion newest =
                cluster.home(cluster.host("host-a")).versions().getFirst();
        assertThat(newest.epoch()).isEqualTo(1);
        cluster.users.edit(
                spec -> spec.approveGuestState(new ApprovedGuestState(1L, newest.generation(), "ada", null)));
        cluster.settle();
        cluster.assertRunsOn("host-a");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    /** The ledger would see the TPM go back. */
    @Test
    void theNextStartGoesOnFromWhatTheGuestHasDoneSince() {
        cluster.ledger.work();
        stop();

        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();

        cluster.assertRunsOn("host-a");
    }

    @Test
    void thatItDoesNotCountIsSaidWithTheNextStep() {
        assertThat(ConditionType.Ready.in(cluster.status().conditions())
                        .orElseThrow()
                        .getMessage())
                .contains("spec.approveGuestState (1-", "epoch 2 has begun since", "afterEpoch to 2", "remove it");
    }

    private void stop() {
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(2);
        cluster.host("host-a").hypervisor().powerOff(cluster.identity());
        cluster.settle();
    }
}
