package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A host dies and is proved dead, and somebody who writes to the storage has removed what its guest sealed after the claim: the
 * VM does not start from the claim, whatever is done to it (I2).
 */
class FloorAfterAFailoverTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b");
    private final Host a = cluster.host("host-a");
    private final Host b = cluster.host("host-b");

    @BeforeEach
    void failOverWithoutTheNewestStates() throws IOException {
        cluster.start();
        cluster.assertRunsOn("host-a");
        for (int time = 0; time < 3; time++) {
            cluster.ledger.work();
            cluster.rounds(2);
        }
        GuestStateVersion newest = cluster.home(a).versions().stream()
                .max(GuestStateVersion::compareTo)
                .orElseThrow();
        assertThat(newest.generation()).isGreaterThan(1);
        cluster.roundsUntil(() -> cluster.incarnation(1)
                .map(VMIncarnation::getStatus)
                .map(VMIncarnationStatus::guestState)
                .filter(state -> newest.equals(state.version()))
                .isPresent());
        cluster.faults.fence(a);
        for (GuestStateVersion version : cluster.home(b).versions()) {
            if (version.generation() > 1) {
                Files.delete(cluster.home(b)
                        .folder()
                        .resolve("guest-state-" + version.epoch() + "-" + version.generation() + ".p7m"));
            }
        }
        assertThat(cluster.home(b).versions()).containsExactly(new GuestStateVersion(1L, 1L));
        // What the ledger would forgive: everything that the removed states had.
        cluster.ledger.allowTpm(VM, 0);
        cluster.settle();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void theFirstStartElsewhereIsRefused() {
        assertIsRefused();
    }

    @Test
    void aStartAfterAChangeOfTheMachineIsRefused() {
        cluster.users.edit(spec -> spec.cores(1));
        cluster.settle();

        assertIsRefused();
    }

    @Test
    void aStartAfterAHaltIsRefused() {
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.settle();
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();

        assertIsRefused();
    }

    private void assertIsRefused() {
        assertThat(cluster.ledger.running(VM)).as(cluster.description()).isEmpty();
        assertThat(ConditionType.Ready.in(cluster.status().conditions())
                        .orElseThrow()
                        .getReason())
                .as(cluster.description())
                .isEqualTo(Reason.GuestStateRolledBack.name());
    }
}
