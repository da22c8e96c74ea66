package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.incarnation.FakeTpms;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.failpoint.Failpoint;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A VM is restored in place from one of its backups. */
class RestoredVmsTest extends RunningVm {
    private static final Duration A_MOMENT = Duration.ofSeconds(10);

    @Test
    void theGuestFindsWhatTheBackupHas() {
        String backup = save();
        workOn();
        halt();
        approve(backup);
        cluster.settle();
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();

        cluster.assertRunsAsRecorded();
        assertThat(cluster.tpms.made()).isEqualTo(1);
        assertThat(cluster.ledger.tpm(VM)).isEqualTo(1);
        assertThat(GuestFiles.disk(cluster.host(cluster.runningOn().orElseThrow()), VM))
                .isEqualTo(1);
    }

    @Test
    void aCopyFindsTheDiskOfTheBackupAndHasATpmOfItsOwn() {
        String backup = save();
        workOn();
        cluster.apply(RestoreEvents.copyOf(backup));
        cluster.settle();
        cluster.forEachVm(cluster::assertRunsAsRecorded);

        cluster.turnTo(RestoreEvents.COPY);
        assertThat(GuestFiles.disk(cluster.host(cluster.runningOn().orElseThrow()), cluster.identity()))
                .isEqualTo(1);
        assertThat(cluster.tpms.made()).isEqualTo(2);
        assertThat(cluster.ledger.ek(cluster.identity())).isNotEqualTo(cluster.ledger.ek(VM));
    }

    /** Of a host that is said to be dead and is not, nothing is restored under its guest. */
    @Test
    void nothingIsRestoredUnderAGuestWhoseHostIsFalselySaidToBeDead() {
        String backup = save();
        workOn();
        a.reach(Host.Reach.STORAGE);
        cluster.faults.lie(a, false);
        cluster.rounds(3);
        approve(backup);
        cluster.rounds(20);

        assertThat(GuestFiles.disk(a, VM)).isEqualTo(3);
        assertThat(cluster.home(a).disk()).exists();
    }

    /** It is cut off, and its guest goes on once it reaches the storage again; nobody has started the VM meanwhile. */
    @Test
    void whatAGuestOfAFalseWordSealsLateDoesNotBecomeTheRestoredVms() {
        approveBesideAFalseWord();
        cluster.rounds(14);
        assertThat(cluster.status().restore().outcome()).isEqualTo(RestoreOutcome.Completed);
        assertThat(cluster.home(a).versions()).allMatch(version -> version.generation() <= 2);

        a.reach(Host.Reach.STORAGE);
        a.hypervisor().putTpm(VM, FakeTpms.state(cluster.ledger.ek(VM).orElseThrow(), "9"));
        cluster.act(a);
        a.reach(Host.Reach.ALL);
        cluster.rounds(4);
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();

        assertThat(cluster.ledger.tpm(VM)).as(cluster.description()).isEqualTo(1);
    }

    /** The next start is on record there; then the host is said to be dead, is heard again, and the restore is on record, too. */
    @Test
    void aStartOnAHostThatIsFalselySaidToBeDeadDoesNotPassTheRestore() {
        String backup = save();
        workOn();
        a.hypervisor().powerOff(VM);
        cluster.act(a);
        a.reach(Host.Reach.NOTHING);
        cluster.operate();
        cluster.operate();
        assertThat(cluster.incarnation(2).orElseThrow().getSpec().nodeName()).isEqualTo("host-a");
        cluster.faults.lie(a, false);
        cluster.roundsUntil(() -> cluster.faults.isProvedDead(a));
        approve(backup);
        cluster.operate();
        assertThat(cluster.status().restore().outcome()).isNull();
        a.reach(Host.Reach.ALL);
        a.startAgent().report(cluster.leader().identity());
        cluster.pass(A_MOMENT);
        cluster.operate();
        assertThat(cluster.faults.isProvedDead(a)).isFalse();

        cluster.settle();

        cluster.assertRunsAsRecorded();
        assertThat(cluster.status().epoch()).isEqualTo(3);
        assertThat(cluster.ledger.tpm(VM)).isEqualTo(1);
        assertThat(GuestFiles.disk(cluster.host(cluster.runningOn().orElseThrow()), VM))
                .isEqualTo(1);
    }

    /** The new files are decided when their node loses its power; then the host that they relied on as dead is heard again. */
    @Test
    void aRestoreThatIsDecidedGoesOnOnceTheGuestOfAFalseWordHasEnded() {
        approveBesideAFalseWord();
        b.startAgent().atFailpoint(RestoredVmsTest::dieOnceDecided);
        assertThatThrownBy(() -> cluster.rounds(14)).isInstanceOf(Died.class);
        b.powerOff();

        a.reach(Host.Reach.ALL);
        cluster.rounds(2);
        cluster.faults.withdraw(a);
        cluster.rounds(2);
        assertThat(cluster.server.seen(NodeFence.class)).isEmpty();
        assertThat(cluster.status().restore().outcome()).isNull();
        b.powerOn();
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();

        cluster.assertRunsAsRecorded();
        assertThat(cluster.ledger.tpm(VM)).isEqualTo(1);
    }

    private void approveBesideAFalseWord() {
        String backup = save();
        workOn();
        cluster.users.changeStrategy(RunStrategy.Halted);
        a.reach(Host.Reach.NOTHING);
        cluster.faults.lie(a, false);
        approve(backup);
    }

    private static void dieOnceDecided(Failpoint point) {
        if (point == Failpoint.RESTORE_COMMITTED) {
            throw new Died(point.id());
        }
    }

    private String save() {
        a.startAgent().seal();
        return cluster.backups
                .save(cluster.server, cluster.home(a), cluster.name())
                .orElseThrow();
    }

    private void workOn() {
        cluster.ledger.work();
        cluster.ledger.work();
        cluster.rounds(2);
    }

    private void halt() {
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(2);
        a.hypervisor().powerOff(VM);
        cluster.settle();
    }

    private void approve(String backup) {
        cluster.users.edit(spec -> spec.approveRestore(new ApprovedRestore(new ObjectRef(backup), "administrator")));
    }
}
