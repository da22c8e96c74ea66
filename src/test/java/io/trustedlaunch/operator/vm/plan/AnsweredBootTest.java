package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.recorded;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertStartsOn;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertWaits;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An incarnation is made for the boot from which its node has answered the present leader. */
class AnsweredBootTest {
    @Test
    void itIsMadeForTheBootInTheAnswer() {
        assertThat(created(recorded(1)).bootID()).isEqualTo(Nodes.BOOT);
    }

    @Test
    void itIsNotMadeBeforeItsNodeHasAnsweredThisLeader() {
        assertWaits(recorded(1).notAnswered("host-a"), Reason.AwaitingInventory, "host-a has not answered");
        assertWaits(
                recorded(1)
                        .node(
                                "host-a",
                                node -> node.status(Nodes.status().answer(null).build())),
                Reason.AwaitingInventory,
                "host-a has not answered");
    }

    /** That boot is over, so it never runs. */
    @Test
    void ofANodeThatIsProvedDeadTheLastAnswerCounts() {
        assertThat(created(recorded(1).notAnswered("host-a").fenced("host-a")).bootID())
                .isEqualTo(Nodes.BOOT);
    }

    @Test
    void aNodeThatHasNotAnsweredIsNotChosen() {
        assertStartsOn("host-b", applied().withFinalizer().withKey().notAnswered("host-a"));
        assertRefused(
                applied().withFinalizer().withKey().notAnswered("host-a").notAnswered("host-b"),
                Reason.NoNodeFits,
                "host-a: its agent has not answered the present leader of the operator yet");
    }

    /** Each node takes a moment after the leader has changed. */
    @Test
    void aStartThatIsUnderWayIsNotMovedForThat() {
        VmScene scene = reserved(1).withKey().incarnation(1, Running, reported(Phase.Preparing));
        assertThat(scene.notAnswered("host-a").step()).isInstanceOf(VmStep.Wait.class);
        assertThat(scene.cordoned("host-a")
                        .node("host-a", node -> node.answered(true))
                        .step())
                .isInstanceOf(VmStep.Retire.class);
    }

    @Test
    void noMigrationBeginsToANodeThatHasNotAnsweredAndTheVmIsMigratableAllTheSame() {
        VmScene scene = running().sharedLocation().notAnswered("host-b");
        Migratability migratability = new Migratability(scene.facts());
        assertThat(migratability.verdict().reason()).isEqualTo(Reason.Migratable);
        assertThat(migratability.target(Vms.migration("move", null)))
                .isInstanceOfSatisfying(
                        Migratability.Target.None.class,
                        none -> assertThat(none.problem().message())
                                .contains(
                                        "none of them has answered the present leader of the operator yet: 1 node (host-b)"));
        assertThat(scene.facts(facts -> facts.migrations(List.of(Vms.migration("move", null))))
                        .step())
                .isInstanceOf(VmStep.Settled.class);
    }
}
