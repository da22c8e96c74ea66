package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A guest left its source with its disks; it has ended, and the VM is restored, before the source can send its last states. */
class RestoreBeforeTheSourceIsReachedTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SEPARATE, "host-a", "host-b");
    private final Host a = cluster.host("host-a");
    private final Host b = cluster.host("host-b");

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void theSourcesStatesDoNotTakeThePlaceOfTheRestoredOne() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        String backup = cluster.backups
                .save(cluster.server, cluster.home(a), cluster.name())
                .orElseThrow();
        GuestStateVersion saved = cluster.home(a).versions().getLast();
        for (int time = 0; time < 2; time++) {
            stop(a);
            cluster.users.changeStrategy(RunStrategy.Always);
            cluster.settle();
            cluster.ledger.work();
            cluster.rounds(2);
        }
        assertThat(cluster.home(a).versions()).doesNotContain(saved);
        migrateToAHostThatIsNotReachedAfterThat();
        stop(b);

        cluster.users.edit(spec -> spec.approveRestore(new ApprovedRestore(new ObjectRef(backup), "administrator")));
        cluster.roundsUntil(() ->
                cluster.status().restore() != null && cluster.status().restore().outcome() == RestoreOutcome.Completed);
        cluster.network.mend();
        cluster.settle();
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();

        cluster.assertRunsOn("host-b");
        assertThat(cluster.ledger.tpm(VM)).isZero();
        assertThat(cluster.home(a).folder()).as("what the guest left").doesNotExist();
    }

    private void stop(Host host) {
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(2);
        host.hypervisor().powerOff(VM);
        cluster.rounds(3);
    }

    private void migrateToAHostThatIsNotReachedAfterThat() {
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.network.advanceUntilLeft();
        cluster.network.cut(a, b);
        cluster.settle();
        cluster.assertRunsOn("host-b");
        assertThat(cluster.home(a).folder()).as("what the guest left").exists();
    }
}
