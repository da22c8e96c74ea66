package io.trustedlaunch.operator.vm.status;

import static io.trustedlaunch.operator.vm.plan.VmScene.EK;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Interface;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import io.trustedlaunch.operator.kube.Conditions;
import io.trustedlaunch.operator.kube.EventDraft;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.plan.VmScene;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class VmStatusTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Instant LATER = NOON.plusSeconds(60);

    @Test
    void aReservationNamesTheOwnerBeforeAnythingOfTheIncarnationExists() {
        TrustedLaunchVMStatus status = statusOf(applied().withFinalizer().withKey(), NOON);
        assertThat(status.epoch()).isEqualTo(1);
        assertThat(status.nodeName()).isEqualTo("host-a");
        assertThat(status.image().sha256()).isEqualTo(VmScene.DIGEST);
        assertThat(status.networkInterfaces())
                .extracting(Interface::macAddress)
                .allMatch(mac -> mac.matches("[0-9a-f][26ae](:[0-9a-f]{2}){5}"));
        assertThat(condition(status, ConditionType.Placed).getStatus()).isEqualTo("True");
        assertThat(condition(status, ConditionType.Ready).getReason()).isEqualTo("Starting");
    }

    @Test
    void theStepsBetweenCostNoWrite() {
        assertUnchanged(applied());
        assertUnchanged(applied().withFinalizer());
        assertUnchanged(reserved(1));
        assertUnchanged(running().deleted());
    }

    @Test
    void whyItCannotMoveIsWrittenAnewOnlyWhileItsNodeIsDrained() {
        VmScene scene = running().database().sharedLocation().otherDatabase("db-2", "host-b");
        TrustedLaunchVMStatus before = statusOf(scene, NOON);
        assertThat(condition(before, ConditionType.Migratable).getMessage()).startsWith("host-b: VM db-2 is there");
        scene.status(before).cordoned("host-b");
        assertUnchanged(scene);
        assertThat(condition(statusOf(scene.maintained("host-a", Maintenance.Drain), LATER), ConditionType.Migratable)
                        .getMessage())
                .isEqualTo("host-b: its spec.maintenance is Cordon");
    }

    @Test
    void aQuickStartIsWrittenTwiceOnly() {
        VmScene scene = applied().withFinalizer().withKey();
        TrustedLaunchVMStatus reserved = statusOf(scene, NOON);
        scene.status(reserved);
        assertUnchanged(scene);
        assertUnchanged(scene.incarnation(1, DesiredState.Running, null));
        assertUnchanged(scene.incarnation(1, DesiredState.Running, prepared()));
        TrustedLaunchVMStatus running =
                statusOf(scene.incarnation(1, DesiredState.Running, Phase.Running, EK, null), LATER);
        assertThat(running.vTPM().ekDigest()).isEqualTo(EK);
        assertThat(running.phase()).hasToString("Running");
        assertThat(condition(running, ConditionType.Ready).getStatus()).isEqualTo("True");
        assertUnchanged(scene.status(running));
    }

    @Test
    void aDeletionIsToldOfOnceItTakesItsTime() {
        VmScene scene = running()
                .incarnation(1, DesiredState.Erased, Phase.Stopping, EK, null)
                .key(new KeyFacts.Absent())
                .deleted();
        VmFacts facts = scene.facts();
        Instant deletion = Instant.parse(facts.vm().getMetadata().getDeletionTimestamp());
        assertThat(VmStatus.of(facts, scene.step(), deletion.plusSeconds(9))).isEqualTo(facts.status());
        assertThat(VmStatus.of(facts, scene.step(), deletion.plusSeconds(10))
                        .orElseThrow()
                        .phase())
                .hasToString("Deleting");
    }

    @Test
    void aStopIsWrittenTwiceOnly() {
        VmScene scene = settled(running());
        scene.strategy(RunStrategy.Halted);
        scene.status(statusOf(scene, NOON));
        assertUnchanged(scene.incarnation(1, DesiredState.Stopped, Phase.Running, EK, null));
        TrustedLaunchVMStatus halted =
                statusOf(scene.incarnation(1, DesiredState.Stopped, Phase.Stopped, EK, Exit.Shutdown), NOON);
        assertThat(condition(halted, ConditionType.Ready).getStatus()).isEqualTo("True");
        assertThat(condition(halted, ConditionType.Running).getStatus()).isEqualTo("False");
        assertThat(halted.nodeName()).isEqualTo("host-a");
    }

    @Test
    void aConditionKeepsTheTimeOfItsLastTurn() {
        VmScene scene = running();
        TrustedLaunchVMStatus first = statusOf(scene, NOON);
        TrustedLaunchVMStatus second = statusOf(scene.status(first).silent("host-a"), LATER);
        assertThat(condition(first, ConditionType.Ready).getLastTransitionTime())
                .isEqualTo(NOON.toString());
        assertThat(condition(second, ConditionType.Ready).getStatus()).isEqualTo("Unknown");
        assertThat(condition(second, ConditionType.Ready).getLastTransitionTime())
                .isEqualTo(LATER.toString());
        assertThat(condition(second, ConditionType.ImageEligible).getLastTransitionTime())
                .isEqualTo(NOON.toString());
    }

    @Test
    void whatARefusalConcernsIsToldByItsOwnConditionToo() {
        TrustedLaunchVMStatus ineligible = statusOf(applied().refused(Reason.ExceptedByRule), NOON);
        assertThat(condition(ineligible, ConditionType.ImageEligible).getReason())
                .isEqualTo("ExceptedByRule");
        assertThat(condition(ineligible, ConditionType.Placed).getStatus()).isEqualTo("Unknown");
        TrustedLaunchVMStatus unplaced = statusOf(applied().noNodes(), NOON);
        assertThat(condition(unplaced, ConditionType.Placed).getStatus()).isEqualTo("False");
        assertThat(condition(unplaced, ConditionType.Placed).getReason()).isEqualTo("NoNodes");
    }

    @Test
    void aRunningVmWhoseImageLostItsRightSaysSoAndStaysReady() {
        VmScene scene = settled(running());
        TrustedLaunchVMStatus before = scene.facts().vm().getStatus();
        TrustedLaunchVMStatus after = statusOf(scene.refused(Reason.NoRuleAllows), LATER);
        assertThat(condition(after, ConditionType.Ready).getStatus()).isEqualTo("True");
        assertThat(condition(after, ConditionType.ImageEligible).getStatus()).isEqualTo("False");
        assertThat(VmEvents.of(before, after, scene.step()))
                .extracting(EventDraft::reason)
                .containsExactly(Reason.NoRuleAllows);
    }

    @Test
    void aVmThatExistsKeepsWhatWasFoundOfAnImageThatIsGone() {
        TrustedLaunchVMStatus after = statusOf(settled(running()).imageGone(), LATER);
        assertThat(condition(after, ConditionType.ImageEligible).getStatus()).isEqualTo("True");
    }

    @Test
    void anOrdinaryIncarnationMakesNoEvents() {
        VmScene scene = settled(running());
        TrustedLaunchVMStatus before = scene.facts().vm().getStatus();
        scene.strategy(RunStrategy.Halted);
        assertThat(VmEvents.of(before, statusOf(scene, LATER), scene.step())).isEmpty();
    }

    @Test
    void troubleMakesOneEventWhenItBegins() {
        VmScene scene = settled(running());
        TrustedLaunchVMStatus before = scene.facts().vm().getStatus();
        scene.silent("host-a");
        TrustedLaunchVMStatus after = statusOf(scene, LATER);
        assertThat(VmEvents.of(before, after, scene.step()))
                .extracting(EventDraft::reason)
                .containsExactly(Reason.AgentNotAlive);
        assertThat(VmEvents.of(after, after, scene.step())).isEmpty();
    }

    @Test
    void addressesComeFromTheIncarnationAndALinkLocalOneIsNotTheVms() {
        VMIncarnationStatus told = VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(Phase.Running)
                .ekDigest(EK)
                .networkInterfaces(List.of(new Interface("nic0", "02:00:00:00:00:01", List.of("fe80::1", "192.0.2.7"))))
                .build();
        TrustedLaunchVMStatus status = statusOf(running().incarnation(1, DesiredState.Running, told), NOON);
        assertThat(status.primaryIP()).isEqualTo("192.0.2.7");
    }

    @Test
    void aSecretThatSomebodyDeletedIsToldOf() {
        VmScene scene = running().key(new KeyFacts.Held(VmScene.secret(), VmScene.key(), true));
        assertThat(condition(statusOf(scene, NOON), ConditionType.Ready).getMessage())
                .contains("only its finalizer keeps");
    }

    @Test
    void anAdoptionTakesTheLaterLifesEpochAndNode() {
        TrustedLaunchVMStatus status = statusOf(running().seen("host-b", 4), NOON);
        assertThat(status.epoch()).isEqualTo(4);
        assertThat(status.nodeName()).isEqualTo("host-b");
        assertThat(status.vTPM().ekDigest()).isEqualTo(EK);
    }

    /** As an agent tells it: the cards are there, and have no addresses yet. */
    private static VMIncarnationStatus prepared() {
        List<Interface> cards = List.of(new Interface("nic0", "02:00:00:00:00:01", List.of()));
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(Phase.Prepared)
                .reason(Reason.Starting.name())
                .message("the machine is ready")
                .ekDigest(EK)
                .networkInterfaces(cards)
                .build();
    }

    private static VmScene settled(VmScene scene) {
        return scene.status(statusOf(scene, NOON));
    }

    private static TrustedLaunchVMStatus statusOf(VmScene scene, Instant now) {
        return VmStatus.of(scene.facts(), scene.step(), now).orElseThrow();
    }

    private static void assertUnchanged(VmScene scene) {
        VmFacts facts = scene.facts();
        assertThat(VmStatus.of(facts, scene.step(), LATER)).isEqualTo(facts.status());
    }

    private static Condition condition(TrustedLaunchVMStatus status, ConditionType type) {
        return Conditions.find(status.conditions(), type).orElseThrow();
    }
}
