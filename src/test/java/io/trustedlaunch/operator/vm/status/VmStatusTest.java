package io.trustedlaunch.operator.vm.status;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Erased;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.missing;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.refused;
import static io.trustedlaunch.operator.vm.facts.KeyFixture.NO_KEY;
import static io.trustedlaunch.operator.vm.plan.VmScene.NOON;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Vms.EK;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.GuestInfoBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.SecureBootState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Interface;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.operator.vm.facts.KeyFixture;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Nodes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VmStatusTest {
    private static final SecureBootState SECURE_BOOT =
            new SecureBootState(true, false, List.of(2011), List.of(2011), 1);
    private static final Instant LATER = NOON.plusSeconds(60);

    @Test
    void aReservationNamesTheOwnerBeforeAnythingOfTheIncarnationExists() {
        TrustedLaunchVMStatus status = applied().withFinalizer().withKey().newStatus();
        assertThat(status.epoch()).isEqualTo(1);
        assertThat(status.nodeName()).isEqualTo("host-a");
        assertThat(status.image().sha256()).isEqualTo(GuestImages.DIGEST);
        assertThat(status.networkInterfaces())
                .extracting(Interface::macAddress)
                .allMatch(mac -> mac.matches("[0-9a-f][26ae](:[0-9a-f]{2}){5}"));
        assertThat(condition(status, ConditionType.Placed).getStatus()).isEqualTo("True");
        assertThat(condition(status, ConditionType.Ready).getReason()).isEqualTo("Starting");
    }

    @Test
    void stepsInBetweenAreNotWritten() {
        assertUnchanged(applied());
        assertUnchanged(applied().withFinalizer());
        assertUnchanged(reserved(1));
        assertUnchanged(running().deleted());
    }

    @Test
    void theReasonWhyItCannotMigrateIsUpdatedOnlyWhileItsNodeIsDrained() {
        VmScene scene = running().database().sharedLocation().otherDatabase("db-2", "host-b");
        TrustedLaunchVMStatus before = scene.newStatus();
        assertThat(condition(before, ConditionType.Migratable).getMessage()).startsWith("host-b: VM db-2 is there");
        scene.status(before).cordoned("host-b");
        assertUnchanged(scene);
        assertThat(condition(
                                later(scene.node("host-a", node -> node.spec(Nodes.spec(Maintenance.Drain)))),
                                ConditionType.Migratable)
                        .getMessage())
                .isEqualTo("host-b: its spec.maintenance is Cordon");
    }

    /** Written with the epoch that follows, so that neither is ever there without the other. */
    @Test
    void aFailoverNamesItsProofAndTheStateThatTheDeadNodeReportedLast() {
        VmScene scene = running().sharedLocation();
        scene.status(scene.newStatus()).silent("host-a").fenced("host-a");
        TrustedLaunchVMStatus before = scene.facts().vm().status().orElseThrow();

        TrustedLaunchVMStatus status = scene.newStatus();

        assertThat(status.nodeName()).isEqualTo("host-b");
        assertThat(status.failover().fence()).isEqualTo("host-a-fence");
        assertThat(status.failover().fromNode()).isEqualTo("host-a");
        assertThat(status.failover().fromEpoch()).isEqualTo(before.epoch());
        assertThat(status.failover().toEpoch()).isEqualTo(status.epoch());
        assertThat(status.failover().newest()).isEqualTo(before.guestState().newest());
        scene.status(status);
        assertThat(status.guestState().floor()).isEqualTo(before.guestState().newest());
        assertThat(scene.facts().losses().fencesReliedOn(status.epoch())).containsExactly("host-a-fence");
    }

    @Test
    void aStartAfterAnEndIsNoFailover() {
        VmScene scene = running().sharedLocation();
        assertThat(scene.status(scene.newStatus()).newStatus().failover()).isNull();
    }

    @Test
    void aQuickFirstStartIsWrittenThreeTimesOnly() {
        VmScene scene = applied().withFinalizer().withKey();
        TrustedLaunchVMStatus reserved = scene.newStatus();
        scene.status(reserved);
        assertUnchanged(scene);
        assertUnchanged(scene.incarnation(1, Running));
        TrustedLaunchVMStatus prepared = scene.incarnation(
                        1, Running, prepared().secureBoot(SECURE_BOOT))
                .newStatus();
        assertThat(prepared.secureBoot()).isEqualTo(SECURE_BOOT);
        assertThat(prepared.vTPM().ekDigest()).as("its guest may run now").isEqualTo(EK);
        assertUnchanged(scene.status(prepared));
        TrustedLaunchVMStatus running =
                later(scene.incarnation(1, Running, reported(Phase.Running).secureBoot(SECURE_BOOT)));
        assertThat(running.phase()).hasToString("Running");
        assertThat(condition(running, ConditionType.Ready).getStatus()).isEqualTo("True");
        assertUnchanged(scene.status(running));
    }

    @Test
    void aDeletionIsReportedOnceItTakesLong() {
        VmScene scene = running()
                .incarnation(1, Erased, reported(Phase.Stopping))
                .key(NO_KEY)
                .deleted();
        VmFacts facts = scene.facts();
        Instant deletion = Instant.parse(facts.vm().resource().getMetadata().getDeletionTimestamp());
        assertThat(VmStatus.of(facts, scene.step(), deletion.plusSeconds(9)))
                .isEqualTo(facts.vm().status());
        assertThat(VmStatus.of(facts, scene.step(), deletion.plusSeconds(10))
                        .orElseThrow()
                        .phase())
                .hasToString("Deleting");
    }

    @Test
    void aStopIsWrittenTwiceOnly() {
        VmScene scene = running().written();
        scene.strategy(RunStrategy.Halted);
        scene.written();
        assertUnchanged(scene.incarnation(1, Stopped, reported(Phase.Running)));
        TrustedLaunchVMStatus halted =
                scene.incarnation(1, Stopped, ended(Exit.Shutdown)).newStatus();
        assertThat(condition(halted, ConditionType.Ready).getStatus()).isEqualTo("True");
        assertThat(condition(halted, ConditionType.Running).getStatus()).isEqualTo("False");
        assertThat(halted.nodeName()).isEqualTo("host-a");
    }

    @Test
    void aConditionKeepsTheTimeOfItsLastTransition() {
        VmScene scene = running();
        TrustedLaunchVMStatus first = scene.newStatus();
        TrustedLaunchVMStatus second = later(scene.status(first).silent("host-a"));
        assertThat(condition(first, ConditionType.Ready).getLastTransitionTime())
                .isEqualTo(NOON.toString());
        assertThat(condition(second, ConditionType.Ready).getStatus()).isEqualTo("Unknown");
        assertThat(condition(second, ConditionType.Ready).getLastTransitionTime())
                .isEqualTo(LATER.toString());
        assertThat(condition(second, ConditionType.ImageEligible).getLastTransitionTime())
                .isEqualTo(NOON.toString());
    }

    @Test
    void aRefusalIsReportedByTheConditionItConcernsToo() {
        TrustedLaunchVMStatus ineligible =
                applied().image(refused(Reason.ExceptedByRule)).newStatus();
        assertThat(condition(ineligible, ConditionType.ImageEligible).getReason())
                .isEqualTo("ExceptedByRule");
        assertThat(condition(ineligible, ConditionType.Placed).getStatus()).isEqualTo("Unknown");
        TrustedLaunchVMStatus unplaced = applied().gone("host-a").gone("host-b").newStatus();
        assertThat(condition(unplaced, ConditionType.Placed).getStatus()).isEqualTo("False");
        assertThat(condition(unplaced, ConditionType.Placed).getReason()).isEqualTo("NoNodes");
    }

    @Test
    void aRunningVmWhoseImageBecameIneligibleReportsItAndStaysReady() {
        VmScene scene = running().written();
        TrustedLaunchVMStatus before = scene.vm().getStatus();
        TrustedLaunchVMStatus after = later(scene.image(refused(Reason.NoRuleAllows)));
        assertThat(condition(after, ConditionType.Ready).getStatus()).isEqualTo("True");
        assertThat(condition(after, ConditionType.ImageEligible).getStatus()).isEqualTo("False");
        assertThat(VmEvents.of(Optional.of(before), after, scene.step()))
                .extracting(EventDraft::reason)
                .containsExactly(Reason.NoRuleAllows);
    }

    @Test
    void aVmThatExistsKeepsTheConditionOfAnImageThatIsGone() {
        TrustedLaunchVMStatus after = later(running().written().image(missing()));
        assertThat(condition(after, ConditionType.ImageEligible).getStatus()).isEqualTo("True");
    }

    @Test
    void anOrdinaryIncarnationMakesNoEvents() {
        VmScene scene = running().written();
        TrustedLaunchVMStatus before = scene.vm().getStatus();
        scene.strategy(RunStrategy.Halted);
        assertThat(VmEvents.of(Optional.of(before), later(scene), scene.step())).isEmpty();
    }

    @Test
    void aProblemMakesOneEventWhenItBegins() {
        VmScene scene = running().written();
        TrustedLaunchVMStatus before = scene.vm().getStatus();
        scene.silent("host-a");
        TrustedLaunchVMStatus after = later(scene);
        assertThat(VmEvents.of(Optional.of(before), after, scene.step()))
                .extracting(EventDraft::reason)
                .containsExactly(Reason.AgentNotAlive);
        assertThat(VmEvents.of(Optional.of(after), after, scene.step())).isEmpty();
    }

    @Test
    void aGuestWithoutItsTpmRunsButIsNeitherReadyNorMigratable() {
        VmScene scene = running().sharedLocation().written();
        TrustedLaunchVMStatus before = scene.vm().getStatus();
        assertThat(condition(before, ConditionType.Migratable).getStatus()).isEqualTo("True");
        scene.incarnation(1, Running, withoutTpm());

        TrustedLaunchVMStatus after = later(scene);

        assertThat(after.phase()).hasToString("Running");
        assertThat(condition(after, ConditionType.Running).getStatus()).isEqualTo("True");
        for (ConditionType type : List.of(ConditionType.Ready, ConditionType.Migratable)) {
            assertThat(condition(after, type)).satisfies(condition -> {
                assertThat(condition.getStatus()).isEqualTo("False");
                assertThat(condition.getReason()).isEqualTo("TpmNotResponding");
                assertThat(condition.getMessage()).isEqualTo("restart it");
            });
        }
        assertThat(VmEvents.of(Optional.of(before), after, scene.step()))
                .containsExactly(EventDraft.warning(Reason.TpmNotResponding, "restart it"));
        assertThat(VmEvents.of(Optional.of(after), after, scene.step())).isEmpty();

        TrustedLaunchVMStatus healed = later(scene.status(after).incarnation(1, Running, reported(Phase.Running)));
        assertThat(condition(healed, ConditionType.Ready).getStatus()).isEqualTo("True");
        assertThat(condition(healed, ConditionType.Migratable).getStatus()).isEqualTo("True");
    }

    /** Whoever waits for such a VM is told; it is changed, moved and stopped as any other. */
    @Test
    void aVmWhoseFirmwareRefusesItsBootLoaderIsNotReadyAndMigratable() {
        VmScene scene = running().sharedLocation().written();
        TrustedLaunchVMStatus before = scene.vm().getStatus();
        scene.incarnation(
                1,
                Running,
                reported(Phase.Running).reason(Reason.BootLoaderRefused.name()).message("Access Denied"));

        TrustedLaunchVMStatus after = later(scene);

        assertThat(condition(after, ConditionType.Running).getStatus()).isEqualTo("True");
        assertThat(condition(after, ConditionType.Migratable).getStatus()).isEqualTo("True");
        assertThat(condition(after, ConditionType.Ready)).satisfies(condition -> {
            assertThat(condition.getStatus()).isEqualTo("False");
            assertThat(condition.getReason()).isEqualTo("BootLoaderRefused");
            assertThat(condition.getMessage()).contains("host-a", "Access Denied");
        });
        assertThat(VmEvents.of(Optional.of(before), after, scene.step()))
                .singleElement()
                .satisfies(event -> assertThat(event.reason()).isEqualTo(Reason.BootLoaderRefused));

        TrustedLaunchVMStatus booted = later(scene.status(after).incarnation(1, Running, reported(Phase.Running)));
        assertThat(condition(booted, ConditionType.Ready).getStatus()).isEqualTo("True");
    }

    private static VMIncarnationStatusBuilder withoutTpm() {
        return reported(Phase.Running).reason(Reason.TpmNotResponding.name()).message("restart it");
    }

    @Test
    void addressesComeFromTheIncarnationAndALinkLocalOneIsNotTheVms() {
        TrustedLaunchVMStatus status = running()
                .incarnation(
                        1,
                        Running,
                        reported(Phase.Running)
                                .networkInterfaces(List.of(
                                        new Interface("nic0", "02:00:00:00:00:01", List.of("fe80::1", "192.0.2.7")))))
                .newStatus();
        assertThat(status.primaryIP()).isEqualTo("192.0.2.7");
    }

    @Test
    void whatTheGuestSaysComesFromTheIncarnationThatRuns() {
        GuestInfo said = said("payroll", NOON);
        assertThat(running()
                        .incarnation(1, Running, reported(Phase.Running).guest(said))
                        .newStatus()
                        .guest())
                .isEqualTo(said);
        assertThat(running()
                        .status(status -> status.guest(said))
                        .incarnation(1, Stopped, ended(Exit.Shutdown).guest(said))
                        .strategy(RunStrategy.Halted)
                        .newStatus()
                        .guest())
                .isNull();
        VmScene dead = running().sharedLocation();
        dead.status(status -> status.guest(said)).silent("host-a").fenced("host-a");
        assertThat(dead.newStatus().guest()).isNull();
    }

    @Test
    void whatAGuestSaysStaysWhileItIsBetweenTwoNodes() {
        GuestInfo said = said("payroll", NOON);
        VmScene scene = running().status(status -> status.guest(said));
        assertThat(scene.incarnation(1, Running, ended(Exit.Migrated).guest(said))
                        .newStatus()
                        .guest())
                .isEqualTo(said);
        assertThat(scene.incarnation(1, Running, reported(Phase.Receiving))
                        .incarnation(1, spec -> spec.arrival(new Arrival(1L, "host-b", true, false)))
                        .newStatus()
                        .guest())
                .isEqualTo(said);
    }

    /** The node that it has just come to has not asked it, and reports the same later. */
    @Test
    void whatTheGuestSaidBeforeItMigratedStaysAndIsNotWrittenAgain() {
        VmScene scene = running();
        scene.status(scene.incarnation(1, Running, reported(Phase.Running).guest(said("payroll", NOON)))
                .newStatus());

        assertUnchanged(scene.incarnation(1, Running, reported(Phase.Running)));
        assertUnchanged(scene.incarnation(1, Running, reported(Phase.Running).guest(said("payroll", LATER))));
        assertThat(later(scene.incarnation(1, Running, reported(Phase.Running).guest(said("other", LATER))))
                        .guest())
                .isEqualTo(said("other", LATER));
    }

    private static GuestInfo said(String hostName, Instant time) {
        return GuestInfoBuilder.builder()
                .reportTime(time.toString())
                .agent(new GuestInfo.Agent(true, "7.2.0"))
                .hostName(hostName)
                .build();
    }

    @Test
    void aKeySecretThatWasDeletedIsReported() {
        VmScene scene = running().key(KeyFixture.heldByItsFinalizer());
        assertThat(condition(scene.newStatus(), ConditionType.Ready).getMessage())
                .contains("only its finalizer keeps");
    }

    @Test
    void anAdoptionTakesTheEpochAndNodeOfTheLaterIncarnation() {
        TrustedLaunchVMStatus status = running().seen("host-b", 4).newStatus();
        assertThat(status.epoch()).isEqualTo(4);
        assertThat(status.nodeName()).isEqualTo("host-b");
        assertThat(status.vTPM().ekDigest()).isEqualTo(EK);
    }

    /** The interfaces are there, and have no addresses yet. */
    private static VMIncarnationStatusBuilder prepared() {
        return reported(Phase.Prepared)
                .reason(Reason.Starting.name())
                .message("the machine is ready")
                .networkInterfaces(List.of(new Interface("nic0", "02:00:00:00:00:01", List.of())));
    }

    private static TrustedLaunchVMStatus later(VmScene scene) {
        return VmStatus.of(scene.facts(), scene.step(), LATER).orElseThrow();
    }

    private static void assertUnchanged(VmScene scene) {
        VmFacts facts = scene.facts();
        assertThat(VmStatus.of(facts, scene.step(), LATER)).isEqualTo(facts.vm().status());
    }

    private static Condition condition(TrustedLaunchVMStatus status, ConditionType type) {
        return Conditions.find(status.conditions(), type).orElseThrow();
    }
}
