package io.trustedlaunch.operator.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusDepartureBuilder;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationSpec;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.incarnation.VMMigrationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMMigrationStatus.Transfer;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusMigrationBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MigrationStatusTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final String UID = "uid-of-move";
    private static final Transfer HALF = new Transfer(new Quantity("256Mi"), new Quantity("256Mi"), null, null);

    @Test
    void withoutItsVmItIsPending() {
        assertStatus(of(null, null, null, null), Phase.Pending, "Unknown", Reason.MigrationPending, "payroll");
    }

    @Test
    void itReportsWhyItDoesNotBegin() {
        VMMigrationStatus status = MigrationStatus.of(MigrationFactsBuilder.builder()
                .migration(migration(null))
                .vm(Optional.of(vm("host-a", 1, null)))
                .problem(Optional.of(new Problem(Reason.NoNodeFits, "host-b: it is full")))
                .now(NOW)
                .build());
        assertStatus(status, Phase.Pending, "Unknown", Reason.NoNodeFits, "host-b: it is full");
        assertThat(status.startTime()).isNull();
    }

    @Test
    void withoutAProblemNoStatusIsWritten() {
        assertThat(of(null, vm("host-a", 1, null), null, null)).isNull();
    }

    @Test
    void aVmThatAlreadyRunsOnTheTargetHasMigrated() {
        VMMigration migration = migration(null);
        migration.setSpec(new VMMigrationSpec(new ObjectRef("payroll"), "host-a"));
        VMMigrationStatus status = MigrationStatus.of(MigrationFactsBuilder.builder()
                .migration(migration)
                .vm(Optional.of(vm("host-a", 1, null)))
                .now(NOW)
                .build());
        assertStatus(status, Phase.Succeeded, "True", Reason.Migrated, "already runs on host-a");
        assertThat(status.completionTime()).isEqualTo(NOW.toString());
    }

    @Test
    void itReportsTheProblemOfAPreparingTarget() {
        VMMigrationStatus status =
                of(null, vm("host-a", 1, recorded(null)), null, target(phase("Preparing", "NoSpace")));
        assertStatus(status, Phase.Preparing, "Unknown", Reason.Migrating, "NoSpace: said so");
        assertThat(status.startTime()).isEqualTo(NOW.toString());
        assertThat(status.epoch()).isEqualTo(2L);
        assertThat(status.sourceNode()).isEqualTo("host-a");
        assertThat(status.targetNode()).isEqualTo("host-b");
    }

    @Test
    void itReportsTheProgressOfTheCopy() {
        VMMigrationStatus status =
                of(null, vm("host-a", 1, recorded(null)), departure(Course.Underway), target(phase("Receiving", null)));
        assertStatus(status, Phase.Migrating, "Unknown", Reason.Migrating, "copied to host-b");
        assertThat(status.progressPercent()).isEqualTo(50);
        assertThat(status.transfer()).isEqualTo(HALF);
    }

    /** What a node reports is shown as far as it can be true. */
    @Test
    void progressIsAPercentage() {
        assertThat(reported(1000)).isEqualTo(100);
        assertThat(reported(-5)).isZero();
    }

    private static int reported(int percent) {
        return of(
                        null,
                        vm("host-a", 1, recorded(null)),
                        departure(Course.Underway, percent),
                        target(phase("Receiving", null)))
                .progressPercent();
    }

    @Test
    void aGuestThatHasLeftIsHandedOverBeforeAndAfterTheRecordNamesTheTarget() {
        assertStatus(
                of(null, vm("host-a", 1, recorded(null)), departure(Course.Left), target(phase("Receiving", null))),
                Phase.HandingOver,
                "Unknown",
                Reason.Migrating,
                "left host-a");
        assertStatus(
                of(
                        null,
                        vm("host-b", 2, recorded(Outcome.Moved)),
                        departure(Course.Left),
                        target(phase("Receiving", null))),
                Phase.HandingOver,
                "Unknown",
                Reason.Migrating,
                "left host-a");
    }

    @Test
    void itHasSucceededOnceTheGuestRunsThere() {
        VMMigrationStatus status = of(
                null, vm("host-b", 2, recorded(Outcome.Moved)), departure(Course.Left), target(phase("Running", null)));
        assertStatus(status, Phase.Succeeded, "True", Reason.Migrated, "from host-a to host-b");
        assertThat(status.completionTime()).isEqualTo(NOW.toString());
    }

    @Test
    void itHasSucceededThoughTheVmWasStartedAgainSince() {
        assertStatus(
                of(null, vm("host-b", 3, recorded(Outcome.Moved)), null, null),
                Phase.Succeeded,
                "True",
                Reason.Migrated,
                "from host-a to host-b");
    }

    @Test
    void aGuestThatWasNotTakenOverIsAFailure() {
        VMIncarnationStatus never = VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(VMIncarnationStatus.Phase.Stopped)
                .reason("EkMismatch")
                .message("another TPM")
                .exit(Exit.NeverRan)
                .build();
        assertStatus(
                of(null, vm("host-b", 2, recorded(Outcome.Moved)), departure(Course.Left), target(never)),
                Phase.Failed,
                "False",
                Reason.MigrationFailed,
                "host-b did not take it over: EkMismatch: another TPM");
    }

    @Test
    void aGuestThatStaysIsAFailureUnlessTheMigrationWasCancelled() {
        assertStatus(
                of(null, vm("host-a", 1, stayed(Reason.MigrationFailed)), departure(Course.Stayed), null),
                Phase.Failed,
                "False",
                Reason.MigrationFailed,
                "keeps running on host-a: because. To try again, create another VMMigration");
        assertStatus(
                of(null, vm("host-a", 1, stayed(Reason.MigrationNotConverging)), departure(Course.Stayed), null),
                Phase.Failed,
                "False",
                Reason.MigrationNotConverging,
                "keeps running on host-a: because");
        assertStatus(
                of(null, vm("host-a", 1, stayed(Reason.MigrationCancelled)), departure(Course.Stayed), null),
                Phase.Cancelled,
                "False",
                Reason.MigrationCancelled,
                "keeps running on host-a: because");
    }

    @Test
    void aMigrationThatHasEndedKeepsItsStatus() {
        VMMigrationStatus ended =
                of(null, vm("host-b", 2, recorded(Outcome.Moved)), null, target(phase("Running", null)));
        assertThat(of(ended, null, null, null)).isSameAs(ended);
    }

    @Test
    void aMigrationThatTheRecordHasForgottenIsCancelled() {
        VMMigrationStatus begun = of(null, vm("host-a", 1, recorded(null)), departure(Course.Underway), null);
        VMMigrationStatus over = of(begun, vm("host-a", 1, null), null, null);
        assertStatus(
                over,
                Phase.Cancelled,
                "False",
                Reason.MigrationCancelled,
                "payroll has no record of this migration any more");
        assertThat(over.progressPercent()).as("the last report").isEqualTo(50);
        assertThat(over.transfer()).as("the last report").isEqualTo(HALF);
        assertStatus(
                of(begun, null, null, null),
                Phase.Cancelled,
                "False",
                Reason.MigrationCancelled,
                "payroll does not exist any more");
    }

    private static void assertStatus(
            VMMigrationStatus status, Phase phase, String state, Reason reason, String message) {
        assertThat(status.phase()).isEqualTo(phase);
        Condition migrated = status.conditions().getFirst();
        assertThat(migrated.getType()).isEqualTo("Migrated");
        assertThat(migrated.getStatus()).isEqualTo(state);
        assertThat(migrated.getReason()).isEqualTo(reason.name());
        assertThat(migrated.getMessage()).contains(message);
        assertThat(status.conditions().stream().skip(1).map(Condition::getType))
                .as("for tools")
                .containsExactlyElementsOf(
                        switch (state) {
                            case "True" -> List.of("Complete");
                            case "False" -> List.of("Failed", "Stalled");
                            default -> List.of("Reconciling");
                        });
    }

    private static VMMigrationStatus of(
            VMMigrationStatus before, TrustedLaunchVM vm, VMIncarnation source, VMIncarnation target) {
        return MigrationStatus.of(MigrationFactsBuilder.builder()
                .migration(migration(before))
                .vm(Optional.ofNullable(vm))
                .source(Optional.ofNullable(source))
                .target(Optional.ofNullable(target))
                .now(NOW)
                .build());
    }

    private static VMMigration migration(VMMigrationStatus status) {
        VMMigration migration = new VMMigration();
        migration.setMetadata(new ObjectMetaBuilder()
                .withName("move")
                .withUid(UID)
                .withGeneration(1L)
                .build());
        migration.setSpec(new VMMigrationSpec(new ObjectRef("payroll"), null));
        migration.setStatus(status);
        return migration;
    }

    private static TrustedLaunchVM vm(String node, long epoch, Migration recorded) {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(TrustedLaunchVMStatus.Phase.Running)
                .nodeName(node)
                .epoch(epoch)
                .conditions(List.of(new ConditionBuilder()
                        .withType("Running")
                        .withStatus("True")
                        .build()))
                .migration(recorded)
                .build());
        return vm;
    }

    private static Migration recorded(Outcome outcome) {
        return TrustedLaunchVMStatusMigrationBuilder.builder()
                .name("move")
                .uid(UID)
                .epoch(2L)
                .sourceNode("host-a")
                .targetNode("host-b")
                .outcome(outcome)
                .build();
    }

    private static Migration stayed(Reason reason) {
        return recorded(null).ended(Outcome.Stayed, reason.name(), "because");
    }

    private static VMIncarnation departure(Course course) {
        return departure(course, 50);
    }

    private static VMIncarnation departure(Course course, int percent) {
        VMIncarnation source = new VMIncarnation();
        source.setStatus(VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(VMIncarnationStatus.Phase.Running)
                .departure(VMIncarnationStatusDepartureBuilder.builder()
                        .epoch(2L)
                        .nodeName("host-b")
                        .course(course)
                        .progressPercent(percent)
                        .transfer(HALF)
                        .build())
                .build());
        return source;
    }

    private static VMIncarnation target(VMIncarnationStatus status) {
        VMIncarnation target = new VMIncarnation();
        target.setStatus(status);
        return target;
    }

    private static VMIncarnationStatus phase(String phase, String reason) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(VMIncarnationStatus.Phase.valueOf(phase))
                .reason(reason)
                .message(reason == null ? null : "said so")
                .build();
    }
}
