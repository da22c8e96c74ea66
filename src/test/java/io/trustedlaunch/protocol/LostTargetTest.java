package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.vm.ApprovedGuestState;
import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.DeletionPolicy;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A guest has left its node with its disks, and its target loses it, or its disk is set back, before the source's agent
 * knows that it runs there. The source has kept everything.
 */
class LostTargetTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SEPARATE, "host-a", "host-b");
    private final Host a = cluster.host("host-a");
    private final Host b = cluster.host("host-b");
    private Snapshot before;

    /** All of the guest is on host-b, and has left host-a. */
    @BeforeEach
    void leave() {
        before = b.snapshot(true);
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.ledger.work();
        cluster.rounds(2);
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.network.advanceUntilLeft();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private void setBackTarget() {
        b.powerOff();
        before.restore();
        b.powerOn();
        cluster.settle();
    }

    @Test
    void theSourceDoesNotHoldUpAVmThatHasRunOnTheTarget() {
        runOnTarget();
        setBackTarget();

        cluster.assertDoesNotRun();
        assertThat(reason()).isEqualTo(Reason.GuestStateMissing);
    }

    @Test
    void anApprovalOfWhatTheSourceHasStartsTheVmThereAlthoughItHasRunOnTheTarget() {
        runOnTarget();
        setBackTarget();
        approveOnSource();

        cluster.assertRunsOn("host-a");
        cluster.assertRunsAsRecorded();
    }

    @Test
    void aGuestThatWasLostOnItsWayStartsAgainWhereItWas() {
        loseOnItsWay();
        cluster.settle();

        cluster.assertRunsOn("host-a");
        cluster.assertRunsAsRecorded();
        assertThat(cluster.home(b).folder()).as("what was copied").doesNotExist();
    }

    @Test
    void aTargetWithHalfOfTheDisksIsNotStartedFrom() {
        setBackTarget();

        cluster.assertRunsOn("host-a");
        cluster.assertRunsAsRecorded();
    }

    @Test
    void aVmWhoseGuestWasLostOnItsWayCanBeDeleted() {
        loseOnItsWay();
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.settle();
        cluster.users.delete();
        cluster.settle();

        cluster.users.assertNothingIsLeft(VM);
    }

    @Test
    void aVmWhoseGuestWasLostOnItsWayCanBeRetained() {
        cluster.users.edit(spec -> spec.deletionPolicy(DeletionPolicy.Retain));
        loseOnItsWay();
        cluster.users.delete();
        cluster.settle();

        assertThat(cluster.vm()).isEmpty();
        assertThat(cluster.incarnations()).isEmpty();
        assertThat(cluster.home(a).versions()).isNotEmpty();
        cluster.apply(VmScene.applied().restoring().retained().vm());
        cluster.settle();
        cluster.assertRunsOn("host-a");
        cluster.assertRunsAsRecorded();
    }

    @Test
    void theSourceOfAGuestThatMayHaveRunOnADeadTargetKeepsItUntilAnApproval() {
        b.agent().orElseThrow().cutOffFromApiServer(true);
        a.agent().orElseThrow().migrations().learn();
        b.agent().orElseThrow().act();
        cluster.assertRunsOn("host-b");
        failOver();
        assertThat(ready().getMessage()).contains("host-a", "host-b", "spec.approveGuestState");

        approveOnSource();
        cluster.assertDoesNotRun();
        assertThat(reason()).isEqualTo(Reason.PowerProofRequired);
        acceptFence();
        cluster.assertRunsOn("host-a");
    }

    @Test
    void whatTheSourceKeepsIsOfferedIfTheTargetIsDead() {
        runOnTarget();
        failOver();
        assertThat(ready().getMessage()).contains("host-a", "host-b", "spec.approveGuestState");

        approveOnSource();
        cluster.assertDoesNotRun();
        assertThat(reason()).isEqualTo(Reason.PowerProofRequired);
        acceptFence();
        cluster.assertRunsOn("host-a");
    }

    /** Its target has all of it, and says so once it is back. */
    @Test
    void whatIsRestoredWhereTheGuestWasIsNotCleared() {
        restoreWhereTheGuestWas();
        cluster.faults.heal();
        cluster.settle();
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();

        cluster.assertRunsOn("host-a");
        cluster.assertRunsAsRecorded();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aVmThatIsRestoredWhereTheGuestWasCanBeRetained(boolean isTargetBack) {
        restoreWhereTheGuestWas();
        if (isTargetBack) {
            cluster.faults.heal();
        }
        cluster.users.edit(spec -> spec.deletionPolicy(DeletionPolicy.Retain));
        cluster.users.delete();
        cluster.settle();

        assertThat(cluster.vm()).isEmpty();
        assertThat(cluster.home(a).disk()).exists();
        assertThat(cluster.home(a).versions()).isNotEmpty();
    }

    /** While the target, which has all of the guest, is off. */
    private void restoreWhereTheGuestWas() {
        String backup = cluster.backups
                .save(cluster.server, cluster.home(a), cluster.name())
                .orElseThrow();
        runOnTarget();
        cluster.users.changeStrategy(RunStrategy.Halted);
        failOver();
        cluster.users.edit(spec -> spec.approveRestore(new ApprovedRestore(new ObjectRef(backup), "administrator")));
        acceptFence();
        assertThat(cluster.status().restore().outcome()).isEqualTo(RestoreOutcome.Completed);
        assertThat(cluster.home(a).disk()).exists();
    }

    private void failOver() {
        cluster.faults.fence(b);
        cluster.settle();
        cluster.assertDoesNotRun();
    }

    private void loseOnItsWay() {
        b.powerOff();
        b.powerOn();
    }

    @Test
    void aVmWhoseTargetIsLostCanBeDeleted() {
        runOnTarget();
        setBackTarget();
        cluster.users.delete();
        cluster.settle();

        cluster.users.assertNothingIsLeft(VM);
        assertThat(new HomeView(b, VM).folder()).doesNotExist();
    }

    private void runOnTarget() {
        a.agent().orElseThrow().migrations().learn();
        cluster.act(b);
        cluster.assertRunsOn("host-b");
        cluster.operate();
    }

    private Reason reason() {
        return Reason.valueOf(ready().getReason());
    }

    private Condition ready() {
        return ConditionType.Ready.in(cluster.status().conditions()).orElseThrow();
    }

    /** A person relies on the word about host-b, which host-a, with another folder, cannot check. */
    private void acceptFence() {
        String fence = cluster.server
                .all(NodeFence.class)
                .findFirst()
                .orElseThrow()
                .getMetadata()
                .getName();
        cluster.server.setAnnotations(cluster.vm().orElseThrow(), Map.of(Api.ACCEPTED_FENCE, fence));
        cluster.settle();
    }

    private void approveOnSource() {
        GuestStateVersion newest = cluster.home(a).versions().getFirst();
        cluster.ledger.allowTpm(VM, 1);
        cluster.ledger.allowDisk(VM, 1);
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.settle();
        cluster.users.edit(spec -> spec.approveGuestState(new ApprovedGuestState(
                newest.epoch(),
                newest.generation(),
                "administrator",
                cluster.status().guestState().floor().epoch())));
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();
    }
}
