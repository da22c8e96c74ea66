package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.protocol.Host.Reach;
import org.junit.jupiter.api.Test;

/** A QEMU takes a disk for what it was when it opened it. No lock on the disk keeps a second one out here. */
class OpenDisksTest extends RunningVm {
    @Test
    void whatAGuestWroteIsThereAfterItsMigration() {
        cluster.users.requestMigration("host-b");
        cluster.settle();
        cluster.assertRunsOn("host-b");

        assertThat(GuestFiles.disk(b, VM)).isEqualTo(1);
    }

    /** Host-b opens it only once it has seen that nobody writes there any more. */
    @Test
    void whatTheGuestOfAFalseWordWroteLateIsNotLost() {
        a.reach(Reach.STORAGE);
        cluster.faults.lie(a, false);
        cluster.roundsUntil(() -> cluster.incarnations().stream()
                .anyMatch(incarnation -> incarnation.getSpec().nodeName().equals("host-b")));
        cluster.rounds(2);
        GuestFiles.writeDisk(a, VM, 2);

        cluster.faults.crash(a);
        cluster.roundsUntil(() -> cluster.runningOn().isPresent());

        cluster.assertRunsOn("host-b");
        assertThat(GuestFiles.disk(b, VM)).isEqualTo(2);
    }
}
