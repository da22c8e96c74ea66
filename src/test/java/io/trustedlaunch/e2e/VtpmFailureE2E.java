package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.testkit.HostProcess;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A TPM that is stopped or dies under a running guest is reported, and comes back. */
class VtpmFailureE2E {
    private static final String GUEST = "guest";

    @Test
    void aStoppedTpmIsReportedUntilItIsContinuedAndADeadOneUntilItsVmIsRestarted() {
        try (Stage stage = Stage.open("vtpm")) {
            stage.awaitShared();
            stage.create(stage.vmInFirmware(GUEST));
            TrustedLaunchVM vm = stage.awaitRunning(GUEST);
            String uid = vm.getMetadata().getUid();
            String host = vm.getStatus().nodeName();
            HostProcess swtpm = HostProcess.swtpmOf(UUID.fromString(uid));
            stage.awaitReason(GUEST, ConditionType.Migratable, Reason.Migratable);

            swtpm.suspend();
            try {
                assertReported(stage, "kill -CONT " + swtpm.pid() + " on " + host);
                aMigrationDoesNotBegin(stage);
            } finally {
                swtpm.resume();
            }
            stage.awaitRunning(GUEST);
            stage.awaitReason(GUEST, ConditionType.Migratable, Reason.Migratable);

            swtpm.kill();
            assertReported(stage, "kubectl tlvm restart " + GUEST + " -n " + stage.namespace);
            assertThat(stage.lab.hostsRunning(uid)).containsExactly(host);
            assertThat(stage.get(GUEST).getStatus().epoch())
                    .isEqualTo(vm.getStatus().epoch());
            // One for the stopped TPM, one for the dead one.
            await("an event for each failure")
                    .atMost(Stage.TIMEOUT)
                    .until(() -> stage.events(Reason.TpmNotResponding).size() == 2);

            TrustedLaunchVM again = stage.restart(GUEST);
            assertThat(again.getStatus().vTPM()).isEqualTo(vm.getStatus().vTPM());
            assertThat(stage.incarnations(uid))
                    .allSatisfy(
                            incarnation -> assertThat(incarnation.getStatus().ekDigest())
                                    .isEqualTo(vm.getStatus().vTPM().ekDigest()));
            assertThat(stage.events(Reason.TpmNotResponding)).hasSize(2);
        }
    }

    private static void assertReported(Stage stage, String nextStep) {
        TrustedLaunchVM vm = stage.awaitNotReady(GUEST, Reason.TpmNotResponding, nextStep);
        assertThat(vm.getStatus().phase()).hasToString("Running");
        assertThat(Stage.condition(vm, ConditionType.Running).map(Condition::getStatus))
                .contains("True");
        assertThat(Stage.condition(vm, ConditionType.Migratable)).get().satisfies(migratable -> {
            assertThat(migratable.getStatus()).isEqualTo("False");
            assertThat(migratable.getReason()).isEqualTo(Reason.TpmNotResponding.name());
        });
        await("an event with the next step")
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.events(Reason.TpmNotResponding).stream()
                        .anyMatch(event -> event.getMessage().contains(nextStep)));
    }

    private static void aMigrationDoesNotBegin(Stage stage) {
        VMMigration migration = stage.migrate(GUEST, "vain");
        await("the migration to say why it waits").atMost(Stage.TIMEOUT).until(() -> {
            VMMigrationStatus status = stage.client.resource(migration).get().getStatus();
            return status != null
                    && Conditions.find(status.conditions(), ConditionType.Migrated)
                            .filter(migrated -> migrated.getReason().equals(Reason.TpmNotResponding.name()))
                            .isPresent();
        });
        assertThat(stage.incarnations(stage.uid(GUEST))).hasSize(1);
        stage.client.resource(migration).delete();
    }
}
