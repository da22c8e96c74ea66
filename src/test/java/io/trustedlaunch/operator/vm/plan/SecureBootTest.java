package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.allowed;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.requiringSecureBoot;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.neverRan;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.SecureBootState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.operator.vm.status.VmEvents;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Secure Boot as the agent reports it: the condition, one event, and the start that a policy refuses. */
class SecureBootTest {
    private static final SecureBootState ON = new SecureBootState(true, false, List.of(2011, 2023), List.of(2011), 1);
    private static final SecureBootState OFF = new SecureBootState(false, false, List.of(2011), List.of(2011), 1);
    private static final SecureBootState SETUP_MODE = new SecureBootState(false, true, List.of(), List.of(), 0);

    @Test
    void theStatusShowsWhatTheCurrentIncarnationsAgentReports() {
        TrustedLaunchVMStatus status = runs(ON).newStatus();

        assertThat(status.secureBoot()).isEqualTo(ON);
        assertThat(condition(status).getStatus()).isEqualTo("True");
        assertThat(condition(status).getReason()).isEqualTo("SecureBootOn");
        assertThat(condition(status).getMessage()).contains("2011 and 2023");
    }

    @Test
    void beforeTheFirstReportItIsUnknownAndNoEventSaysSo() {
        VmScene scene = running();
        TrustedLaunchVMStatus status = scene.newStatus();

        assertThat(status.secureBoot()).isNull();
        assertThat(condition(status).getStatus()).isEqualTo("Unknown");
        assertThat(events(Optional.empty(), status, scene)).isEmpty();
    }

    /** As of a guest that has just arrived, and of a VM whose first incarnation is gone. */
    @Test
    void whatIsOnRecordStaysUntilAnAgentReports() {
        TrustedLaunchVMStatus before = runs(ON).newStatus();

        TrustedLaunchVMStatus after = running().status(before).newStatus();

        assertThat(after.secureBoot()).isEqualTo(ON);
        assertThat(condition(after).getStatus()).isEqualTo("True");
    }

    @Test
    void onceItIsTurnedOffTheConditionIsFalseAndOneEventSaysWhatToDo() {
        TrustedLaunchVMStatus on = runs(ON).newStatus();
        VmScene scene = runs(OFF).status(on);
        TrustedLaunchVMStatus off = scene.newStatus();

        assertThat(condition(off).getStatus()).isEqualTo("False");
        assertThat(condition(off).getReason()).isEqualTo("SecureBootOff");
        assertThat(events(Optional.of(on), off, scene))
                .singleElement()
                .extracting(EventDraft::message)
                .asString()
                .contains("Secure Boot was turned off", "Device Manager", "spec.approveGuestState");
        assertThat(events(Optional.of(off), off, scene)).isEmpty();
        assertThat(Conditions.find(off.conditions(), ConditionType.Ready)
                        .orElseThrow()
                        .getStatus())
                .as("the guest runs")
                .isEqualTo("True");
    }

    @Test
    void setupModeIsNamed() {
        assertThat(condition(runs(SETUP_MODE).newStatus()).getMessage()).contains("platform key", "setup mode");
    }

    @Test
    void withoutAPolicyThatSaysOtherwiseAVmWithSecureBootOffStartsAgain() {
        assertThat(stopped(OFF).image(allowed()).step()).isInstanceOf(VmStep.ReserveEpoch.class);
    }

    @Test
    void aPolicyRefusesTheNextStartOnlyIfItIsOff() {
        VmStep.Refuse refused =
                stopped(OFF).image(requiringSecureBoot("strict")).step(VmStep.Refuse.class);

        assertThat(refused.problem().reason()).isEqualTo(Reason.SecureBootOff);
        assertThat(refused.problem().message()).contains("ImageEligibilityPolicy strict", "spec.approveGuestState");
        assertThat(stopped(ON).image(requiringSecureBoot("strict")).step()).isInstanceOf(VmStep.ReserveEpoch.class);
        assertThat(stopped(null).image(requiringSecureBoot("strict")).step())
                .as("unknown is not off")
                .isInstanceOf(VmStep.ReserveEpoch.class);
    }

    /** The first one never ran: another node makes other variables. */
    @Test
    void aFirstStartIsNotRefused() {
        VmScene scene = reserved(1)
                .incarnation(1, Stopped, neverRan().secureBoot(SETUP_MODE))
                .status(status -> status.secureBoot(SETUP_MODE));

        assertThat(scene.image(requiringSecureBoot("strict")).step()).isNotInstanceOf(VmStep.Refuse.class);
    }

    @Test
    void aRefusalOutlastsTheIncarnationThatReportedIt() {
        VmScene scene = stopped(null).status(status -> status.secureBoot(OFF)).image(requiringSecureBoot("strict"));

        assertThat(scene.step(VmStep.Refuse.class).problem().reason()).isEqualTo(Reason.SecureBootOff);
    }

    @Test
    void aRunningGuestIsNotStopped() {
        assertThat(runs(OFF).image(requiringSecureBoot("strict")).step()).isInstanceOf(VmStep.Settled.class);
    }

    /** That state has variables of its own, which the guest's claim reports again. */
    @Test
    void aStartFromAnApprovedStateIsNotRefused() {
        assertThat(stopped(OFF)
                        .image(requiringSecureBoot("strict"))
                        .approves(1, 1)
                        .step())
                .isInstanceOf(VmStep.ReserveEpoch.class);
    }

    private static VmScene runs(SecureBootState reported) {
        return running().incarnation(1, Running, reported(Phase.Running).secureBoot(reported));
    }

    private static VmScene stopped(SecureBootState left) {
        return running()
                .incarnation(
                        1,
                        Stopped,
                        ended(Exit.Shutdown).guestState(sealed(1, 7, true)).secureBoot(left));
    }

    private static List<EventDraft> events(
            Optional<TrustedLaunchVMStatus> before, TrustedLaunchVMStatus after, VmScene scene) {
        return VmEvents.of(before, after, scene.step()).stream()
                .filter(event -> event.reason().name().startsWith("SecureBoot"))
                .toList();
    }

    private static Condition condition(TrustedLaunchVMStatus status) {
        return Conditions.find(status.conditions(), ConditionType.SecureBoot).orElseThrow();
    }
}
