package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Erased;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.facts.KeyFixture.NO_KEY;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertWaits;
import static io.trustedlaunch.operator.vm.plan.VmSteps.refusal;
import static io.trustedlaunch.operator.vm.plan.VmSteps.waiting;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.operator.vm.facts.KeyFixture;
import io.trustedlaunch.operator.vm.status.VmEvents;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The Secret with the protection key of a VM is gone while its guest runs. */
class MissingKeyTest {
    @Test
    void theVmIsNotReadyAndNotMigratableAndItsGuestRunsOn() {
        TrustedLaunchVMStatus status = running().key(NO_KEY).newStatus();
        assertShows(status, ConditionType.Ready, "False");
        assertShows(status, ConditionType.Migratable, "False");
        assertShows(status, ConditionType.Running, "True");
        assertThat(status.phase()).hasToString("Running");
    }

    @Test
    void theMessageHasTheWholeRemedy() {
        assertWaits(
                running().key(NO_KEY),
                Reason.KeyMissing,
                "Secret " + Vms.UID + " in namespace " + Incarnations.NAMESPACE,
                "from a backup",
                "recovery key",
                "docs/recovery.md",
                "do not stop it",
                "cannot be started again");
    }

    @Test
    void theMessageSaysIfTheLastStateCannotBeSealedEither() {
        String either = "its last state cannot be sealed";
        assertThat(waiting(running().key(NO_KEY)).message()).doesNotContain(either);
        assertThat(waiting(running().key(NO_KEY).withoutEnvelope()).message()).contains(either);
    }

    @Test
    void itIsTheCauseOfWhatAnAgentWithoutTheKeyReports() {
        VmScene refused = running()
                .incarnation(1, Running, reported(Phase.Running).reason("EnvelopeRefused"))
                .key(NO_KEY);
        assertWaits(refused, Reason.EnvelopeRefused);
        assertWaits(refused.withoutEnvelope(), Reason.KeyMissing);
    }

    @Test
    void oneWarningIsMade() {
        VmScene scene = running().written();
        TrustedLaunchVMStatus before = scene.vm().getStatus();
        TrustedLaunchVMStatus after = scene.key(NO_KEY).newStatus();
        assertThat(VmEvents.of(Optional.of(before), after, scene.step()))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.severity()).isEqualTo(EventDraft.Severity.Warning);
                    assertThat(event.reason()).isEqualTo(Reason.KeyMissing);
                });
        assertThat(VmEvents.of(Optional.of(after), scene.status(after).newStatus(), scene.step()))
                .isEmpty();
    }

    @Test
    void aSecretWithoutAKeyIsNoBetter() {
        assertWaits(running().key(KeyFixture.invalid()), Reason.KeyInvalid, Vms.UID, "do not stop it");
    }

    @Test
    void aRestartWaitsForTheKeyAndAStopDoesNot() {
        VmScene restart = running().metadata(vm -> vm.withAnnotations(Map.of(Api.RESTARTED_AT, "now")));
        assertThat(restart.step()).isInstanceOf(VmStep.Retire.class);
        assertWaits(restart.key(NO_KEY), Reason.KeyMissing);
        assertThat(running().key(NO_KEY).strategy(RunStrategy.Halted).step()).isInstanceOf(VmStep.Retire.class);
    }

    /** The node that opens it has the only copy of the key. */
    @Test
    void theEnvelopeStaysWhenTheGuestHasEnded() {
        VmScene over = running().incarnation(1, Stopped, ended(Exit.Shutdown)).withEnvelope();
        assertRefused(over.key(NO_KEY), Reason.KeyMissing);
        assertThat(refusal(over).message()).doesNotContain("do not stop it");
        assertThat(over.strategy(RunStrategy.Halted).step()).isInstanceOf(VmStep.Settled.class);
    }

    /** It is off, as its spec says, and can never start again. */
    @Test
    void aVmThatIsOffIsNotReadyEither() {
        for (VmScene off : List.of(
                over().strategy(RunStrategy.Halted).key(NO_KEY),
                running()
                        .incarnation(1, Running, ended(Exit.Shutdown))
                        .strategy(RunStrategy.RerunOnFailure)
                        .key(NO_KEY))) {
            TrustedLaunchVMStatus status = off.newStatus();
            assertShows(status, ConditionType.Ready, "False");
            assertShows(status, ConditionType.KeyHeld, "False");
            assertThat(ConditionType.Ready.in(status.conditions()).orElseThrow().getMessage())
                    .contains(Vms.UID, "is missing", "from a backup");
            assertThat(List.of("Halted", "Succeeded"))
                    .contains(
                            status.phase().name(),
                            ConditionType.Running.in(status.conditions())
                                    .orElseThrow()
                                    .getReason());
        }
        assertShows(
                over().strategy(RunStrategy.Halted).key(KeyFixture.invalid()).newStatus(),
                ConditionType.Ready,
                "False",
                Reason.KeyInvalid);
    }

    @Test
    void aVmThatIsOffAndHasItsKeyIsReady() {
        TrustedLaunchVMStatus status =
                over().withKey().strategy(RunStrategy.Halted).newStatus();
        assertShows(status, ConditionType.Ready, "True", Reason.Halted);
        assertShows(status, ConditionType.KeyHeld, "True", Reason.KeyHeld);
    }

    @Test
    void aVmThatWasNeverStartedMissesNoKey() {
        TrustedLaunchVMStatus status =
                applied().withFinalizer().strategy(RunStrategy.Halted).newStatus();
        assertShows(status, ConditionType.Ready, "True", Reason.Halted);
        assertShows(status, ConditionType.KeyHeld, "Unknown", Reason.KeyNotMade);
    }

    /** The one moment to act. */
    @Test
    void theDeletionOfASecretThatItsFinalizerKeepsIsAWarning() {
        for (VmScene scene : List.of(
                running(), over().strategy(RunStrategy.Halted), running().silent("host-a"))) {
            VmScene held = scene.withKey().written();
            TrustedLaunchVMStatus before = held.vm().getStatus();
            TrustedLaunchVMStatus after =
                    held.key(KeyFixture.heldByItsFinalizer()).newStatus();
            assertShows(after, ConditionType.KeyHeld, "False", Reason.KeyBeingDeleted);
            assertThat(VmEvents.of(Optional.of(before), after, held.step()))
                    .singleElement()
                    .satisfies(event -> {
                        assertThat(event.severity()).isEqualTo(EventDraft.Severity.Warning);
                        assertThat(event.reason()).isEqualTo(Reason.KeyBeingDeleted);
                        assertThat(event.message()).contains(Vms.UID, "make a copy", "docs/recovery.md");
                    });
            assertThat(VmEvents.of(Optional.of(after), held.status(after).newStatus(), held.step()))
                    .isEmpty();
        }
    }

    @Test
    void aDeletionDestroysTheKeyAndDoesNotMissIt() {
        VmScene deleted = running()
                .incarnation(1, Erased, reported(Phase.Stopping))
                .key(NO_KEY)
                .deleted();
        Condition ready = Conditions.find(deleted.newStatus().conditions(), ConditionType.Ready)
                .orElseThrow();
        assertThat(ready.getMessage()).contains("the key is destroyed").doesNotContain("is missing");
        TrustedLaunchVMStatus destroying =
                deleted.key(KeyFixture.heldByItsFinalizer()).newStatus();
        assertThat(VmEvents.of(Optional.of(deleted.withKey().newStatus()), destroying, deleted.step()))
                .isEmpty();
    }

    @Test
    void ofADeletedSecretThatItsFinalizerKeepsTheMessageHasTheWholeRemedyToo() {
        Condition ready = Conditions.find(
                        running()
                                .key(KeyFixture.heldByItsFinalizer())
                                .newStatus()
                                .conditions(),
                        ConditionType.Ready)
                .orElseThrow();
        assertThat(ready.getMessage())
                .contains(
                        "Secret " + Vms.UID + " in namespace " + Incarnations.NAMESPACE,
                        "make a copy",
                        "remove its finalizer",
                        "create it again from the copy");
    }

    private static VmScene over() {
        return running().incarnation(1, Stopped, ended(Exit.Shutdown));
    }

    private static void assertShows(TrustedLaunchVMStatus status, ConditionType type, String value) {
        assertShows(status, type, value, Reason.KeyMissing);
    }

    private static void assertShows(TrustedLaunchVMStatus status, ConditionType type, String value, Reason reason) {
        Condition condition = Conditions.find(status.conditions(), type).orElseThrow();
        assertThat(condition.getStatus()).isEqualTo(value);
        assertThat(condition.getReason()).isEqualTo(reason.name());
    }
}
