package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.Host.Reach;
import io.trustedlaunch.testkit.FakeApiServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The guest has migrated from host-a (epoch 2) to host-b (epoch 3). The API server's data is of epoch 1 again, and host-a's disk of
 * epoch 2, so that nobody but host-b says that the guest has left: whether epoch 3 is the VM's last one is not known.
 */
class DeletionOfAContestedVmTest extends RunningVm {
    @BeforeEach
    void migrateAndForget() {
        FakeApiServer backup = cluster.server.snapshot();
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(2);
        a.hypervisor().powerOff(VM);
        cluster.settle();
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();
        cluster.assertRunsOn("host-a");
        cluster.faults.saveDisk(a);
        cluster.users.requestMigration("host-b");
        cluster.settle();
        cluster.assertRunsOn("host-b");
        cluster.ledger.work();
        cluster.rounds(2);
        cluster.faults.restore(backup);
        cluster.faults.setDiskBack(a);
    }

    @Test
    void nothingIsLeftIfTheGuestHasEnded() {
        cluster.faults.crash(b);
        b.powerOn();
        cluster.settle();
        cluster.assertDoesNotRun();
        assertThat(ConditionType.Ready.in(cluster.status().conditions())
                        .orElseThrow()
                        .getReason())
                .isEqualTo(Reason.WorkingCopyElsewhere.name());

        cluster.users.delete();
        cluster.settle();

        cluster.users.assertNothingIsLeft(VM);
    }

    /** Host-b does not answer at first. */
    @Test
    void theGuestThatRunsEndsBeforeItsFilesGo() {
        b.reach(Reach.STORAGE);
        cluster.rounds(4);
        cluster.users.delete();
        cluster.rounds(10);
        cluster.assertRunsOn("host-b");
        assertThat(cluster.home(b).disk()).as("the disk of the guest that runs").exists();

        b.reach(Reach.ALL);
        cluster.settle();

        cluster.users.assertNothingIsLeft(VM);
    }
}
