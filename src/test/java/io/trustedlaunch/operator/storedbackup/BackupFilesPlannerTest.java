package io.trustedlaunch.operator.storedbackup;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupLocationSpecBuilder;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.StoredBackupRunSpec;
import io.trustedlaunch.api.backup.StoredBackupRunSpec.Action;
import io.trustedlaunch.api.backup.StoredBackupRunSpecBuilder;
import io.trustedlaunch.api.backup.StoredBackupRunStatusBuilder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.controller.ClusterTime;
import io.trustedlaunch.operator.backup.MinimumRetention;
import io.trustedlaunch.operator.backup.RunGrants;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.JumpingClocksContract;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class BackupFilesPlannerTest {
    private static final Instant NOW = Instant.parse("2026-01-02T12:00:00Z");
    private static final String BEFORE = "2026-01-01T00:00:00Z";
    private static final String VM = "00000000-0000-4000-8000-000000000001";
    private static final String UID = "00000000-0000-4000-8000-000000000002";
    private static final String BACKUP = "00000000-0000-4000-8000-000000000003";
    private static final String DIGEST = "ab".repeat(32);
    private static final String REQUEST = "2026-01-02T11:00:00Z";

    private final VMBackup backup = new VMBackup();
    private final BackupLocation location = new BackupLocation();
    private BackupFilesFactsBuilder facts;

    BackupFilesPlannerTest() {
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace("finance")
                .withName("payroll-1")
                .withUid(UID)
                .withCreationTimestamp(BEFORE)
                .withGeneration(1L)
                .build());
        backup.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef("nas"), BackupMode.Auto));
        status(status -> status);
        location.setMetadata(new ObjectMetaBuilder()
                .withName("nas")
                .withCreationTimestamp("2025-12-31T00:00:00Z")
                .build());
        location.setSpec(BackupLocations.folder("/backups", List.of()));
        facts = BackupFilesFactsBuilder.builder()
                .namespace("trusted-launch-system")
                .backup(backup)
                .run(Optional.empty())
                .location(Optional.of(location))
                .making(Optional.empty())
                .twin(Optional.empty())
                .others(List.of())
                .needed(Optional.empty())
                .ready(Set.of("host-a", "host-b"))
                .node(Optional.of("host-a"))
                .minimumRetention(MinimumRetention.NONE)
                .time(new ClusterTime(NOW, Optional.of(NOW)));
    }

    private void status(UnaryOperator<VMBackupStatusBuilder> change) {
        backup.setStatus(change.apply(VMBackupStatusBuilder.builder()
                        .phase(Phase.Completed)
                        .vmUID(VM)
                        .backupUID(BACKUP)
                        .locationID(BackupLocations.ID.toString())
                        .nodeName("host-a")
                        .startTime(BEFORE)
                        .completionTime(BEFORE)
                        .result(BackupResultBuilder.builder()
                                .indexSHA256(DIGEST)
                                .time(BEFORE)
                                .build()))
                .build());
    }

    private void request(String key, String value) {
        backup.getMetadata().setAnnotations(Map.of(key, value));
    }

    @Test
    void nothingIsDoneUnlessItIsRequestedOfABackupThatHasEnded() {
        assertThat(step()).isEqualTo(new BackupFilesStep.Idle());
        request(Api.REMOVE_BACKUP, "false");
        assertThat(step()).isEqualTo(new BackupFilesStep.Idle());
        request(Api.REMOVE_BACKUP, "true");
        status(status -> status.phase(Phase.Running).completionTime(null));
        assertThat(step()).isEqualTo(new BackupFilesStep.Idle());
        request(Api.VERIFY_BACKUP, REQUEST);
        status(status -> status.phase(Phase.Failed).result(null));
        assertThat(step()).isEqualTo(new BackupFilesStep.Idle());
    }

    @Test
    void whatIsProtectedIsNotRemoved() {
        backup.getMetadata().setAnnotations(Map.of(Api.REMOVE_BACKUP, "true", Api.PROTECTED_BACKUP, "true"));
        assertThat(step())
                .isInstanceOfSatisfying(
                        BackupFilesStep.KeepWaiting.class,
                        waiting -> assertThat(waiting.problem().reason()).isEqualTo(Reason.BackupProtected));
        // It is too late.
        status(status -> status.phase(Phase.Removing));
        assertThat(step()).isInstanceOf(BackupFilesStep.Create.class);
    }

    @Test
    void aRemovalIsOnRecordBeforeItsRunIsCreated() {
        request(Api.REMOVE_BACKUP, "true");
        BackupFilesStep.Removing begun = new BackupFilesStep.Removing(Optional.empty());
        assertThat(step()).isEqualTo(begun);
        assertThat(begun.again(backup)).as("its own status causes no event").contains(Duration.ZERO);
        backup.setStatus(after());
        assertThat(backup.getStatus().phase()).isEqualTo(Phase.Removing);
        assertThat(begun.again(backup)).contains(BackupFilesStep.WHILE_REQUESTED);
        assertThat(backup.getStatus().result()).as("stays on record").isNotNull();

        StoredBackupRun run = ((BackupFilesStep.Create) step()).run();
        assertThat(run.getMetadata().getName()).isEqualTo(UID + "-remove");
        assertThat(run.getSpec().action()).isEqualTo(Action.Remove);
        assertThat(run.getSpec().nodeName()).isEqualTo("host-a");
        assertThat(run.getSpec().vmRef().uid()).isEqualTo(VM);
        assertThat(run.getSpec().backupUID()).isEqualTo(BACKUP);
        assertThat(run.getSpec().location().folder()).isEqualTo("/backups");
        run(run, null, NOW);
        assertThat(step()).isEqualTo(new BackupFilesStep.Removing(Optional.empty()));
        run(run, StoredBackupRunStatusBuilder.builder().phase(RunPhase.Completed), NOW);
        assertThat(step()).isEqualTo(new BackupFilesStep.Delete());
    }

    @Test
    void whileABackupOfTheVmIsBeingMadeARemovalWaits() {
        request(Api.REMOVE_BACKUP, "true");
        facts.making(Optional.of("payroll-2"));
        assertThat(after().phase()).isEqualTo(Phase.Completed);
        assertThat(condition(ConditionType.Removed).getReason()).isEqualTo(Reason.RemovalPending.name());
        assertThat(condition(ConditionType.Removed).getMessage())
                .contains("VMBackup payroll-2 of the same VM is being made");
        status(status -> status.phase(Phase.Removing));
        assertThat(step()).as("which was begun a moment ago").isInstanceOf(BackupFilesStep.Removing.class);
    }

    /** It may need packs of this one; a run of another cluster is seen in the store alone. */
    @Test
    void packsThatMayBeNeededStayAndAreTriedAgainAfterFiveMinutes() {
        request(Api.REMOVE_BACKUP, "true");
        status(status -> status.phase(Phase.Removing));
        StoredBackupRun run = ((BackupFilesStep.Create) step()).run();
        var failed = StoredBackupRunStatusBuilder.builder()
                .phase(RunPhase.Failed)
                .reason(Reason.PacksInUse.name())
                .message("backup " + UID + " of this VM is under way, or was broken off");
        run(run, failed, NOW.minusSeconds(60));
        assertThat(condition(ConditionType.Removed).getReason()).isEqualTo(Reason.PacksInUse.name());
        assertThat(condition(ConditionType.Removed).getMessage())
                .contains("backup " + UID + " of this VM is under way", "tried again every five minutes");
        assertThat(((BackupFilesStep.Report) step()).again(backup)).contains(BackupFilesStep.WHILE_KEPT);
        run(run, failed, NOW.minusSeconds(301));
        assertThat(step()).isEqualTo(new BackupFilesStep.Discard(run));
        facts.run(Optional.empty());
        assertThat(step()).isInstanceOf(BackupFilesStep.Create.class);
    }

    /** It was imported into another namespace. */
    @Test
    void filesThatAnotherRecordHasStay() {
        request(Api.REMOVE_BACKUP, "true");
        facts.twin(Optional.of("of another namespace"));
        assertThat(condition(ConditionType.Removed).getReason()).isEqualTo(Reason.BackupShared.name());
        assertThat(condition(ConditionType.Removed).getMessage())
                .contains("VMBackup of another namespace has the same files");
        status(status -> status.phase(Phase.Removing));
        assertThat(step()).isInstanceOf(BackupFilesStep.Removing.class);
        inABucket();
        assertThat(step()).isInstanceOf(BackupFilesStep.Removing.class);
    }

    @Test
    void filesThatTheDisksOfAVmNeedStay() {
        request(Api.REMOVE_BACKUP, "true");
        Optional<Problem> needed = Optional.of(new Problem(Reason.BackupNeeded, "VM payroll needs them"));
        facts.needed(needed);
        assertThat(step()).isEqualTo(new BackupFilesStep.KeepWaiting(needed.get()));
        assertThat(((BackupFilesStep.Report) step()).again(backup)).contains(BackupFilesStep.WHILE_KEPT);
        status(status -> status.phase(Phase.Removing));
        assertThat(step()).isEqualTo(new BackupFilesStep.Removing(needed));
        inABucket();
        assertThat(step()).isEqualTo(new BackupFilesStep.Removing(needed));
        facts.needed(Optional.empty());
        assertThat(step()).isInstanceOf(BackupFilesStep.RemoveFromBucket.class);
    }

    /** It was made 36 hours ago. */
    @Test
    void whatTheLocationKeepsForAMinimumTimeStaysUntilThen() {
        request(Api.REMOVE_BACKUP, "true");
        facts.minimumRetention(new MinimumRetention(Duration.ofHours(48)));
        assertThat(after().phase()).isEqualTo(Phase.Completed);
        assertThat(condition(ConditionType.Removed).getReason()).isEqualTo(Reason.MinimumRetention.name());
        assertThat(condition(ConditionType.Removed).getMessage()).contains("until 2026-01-03T00:00:00Z");
        assertThat(((BackupFilesStep.Report) step()).again(backup)).contains(BackupFilesStep.WHILE_KEPT);
        facts.minimumRetention(new MinimumRetention(Duration.ofHours(36)));
        assertThat(step()).isEqualTo(new BackupFilesStep.Removing(Optional.empty()));
        facts.time(new ClusterTime(NOW, Optional.of(NOW.minus(Duration.ofHours(1)))));
        assertThat(condition(ConditionType.Removed).getReason()).isEqualTo(Reason.ClocksDiffer.name());
    }

    /** An administrator has made the time longer. */
    @Test
    void aRemovalThatHasBegunEndsIfTheFilesAreToStay() {
        request(Api.REMOVE_BACKUP, "true");
        status(status -> status.phase(Phase.Removing));
        StoredBackupRun run = ((BackupFilesStep.Create) step()).run();
        run(run, null, NOW);
        facts.minimumRetention(new MinimumRetention(Duration.ofHours(48)));
        assertThat(step()).isEqualTo(new BackupFilesStep.Discard(run));
        facts.run(Optional.empty());
        assertThat(condition(ConditionType.Removed).getReason()).isEqualTo(Reason.MinimumRetention.name());
        assertThat(((BackupFilesStep.Report) step()).again(backup)).contains(BackupFilesStep.WHILE_KEPT);
        inABucket();
        assertThat(step()).isInstanceOf(BackupFilesStep.Removing.class);
    }

    @Test
    void filesThatAreGoneAreNotKeptOnRecord() {
        request(Api.REMOVE_BACKUP, "true");
        status(status -> status.phase(Phase.Removing));
        run(
                ((BackupFilesStep.Create) step()).run(),
                StoredBackupRunStatusBuilder.builder().phase(RunPhase.Completed),
                NOW);
        facts.minimumRetention(new MinimumRetention(Duration.ofHours(48)));
        assertThat(step()).isEqualTo(new BackupFilesStep.Delete());
    }

    @Test
    void aRequestThatIsTakenBackLeavesNothing() {
        request(Api.REMOVE_BACKUP, "true");
        facts.making(Optional.of("payroll-2"));
        backup.setStatus(after());
        backup.getMetadata().setAnnotations(Map.of());
        assertThat(after().conditions()).isEmpty();
    }

    @Test
    void aBackupThatNeverBeganHasNoFiles() {
        request(Api.REMOVE_BACKUP, "true");
        status(status -> status.phase(Phase.Failed).backupUID(null).result(null));
        assertThat(step()).isEqualTo(new BackupFilesStep.Delete());
    }

    @Test
    void aFailedOnesFilesAreRemovedToo() {
        request(Api.REMOVE_BACKUP, "true");
        status(status -> status.phase(Phase.Removing).result(null));
        StoredBackupRunSpec spec = ((BackupFilesStep.Create) step()).run().getSpec();
        assertThat(spec.backupUID()).isEqualTo(BACKUP);
        assertThat(spec.indexSHA256()).as("it was never committed").isNull();
    }

    @Test
    void aLocationThatIsGoneOrMeansAnotherStoreIsNotTouched() {
        request(Api.REMOVE_BACKUP, "true");
        facts.location(Optional.empty());
        assertThat(condition(ConditionType.Removed).getReason()).isEqualTo(Reason.BackupLocationNotFound.name());
        assertThat(condition(ConditionType.Removed).getMessage())
                .contains("creates it with the spec.id " + BackupLocations.ID);
        facts.location(Optional.of(location));
        meansStore(UID);
        assertThat(step()).isInstanceOf(BackupFilesStep.KeepWaiting.class);
        assertThat(condition(ConditionType.Removed).getMessage())
                .startsWith("VMBackup payroll-1 is in store " + BackupLocations.ID
                        + ", and BackupLocation nas means store " + UID);
        meansStore(null);
        assertThat(condition(ConditionType.Removed).getReason()).isEqualTo(Reason.BackupLocationNotInitialized.name());
    }

    @Test
    void aLocationThatWasCreatedAgainAndMeansTheSameStoreHasTheSameBackups() {
        request(Api.REMOVE_BACKUP, "true");
        location.getMetadata().setCreationTimestamp(NOW.toString());
        location.getMetadata().setUid(UID);
        assertThat(step()).isEqualTo(new BackupFilesStep.Removing(Optional.empty()));
    }

    private void meansStore(String id) {
        location.setSpec(
                BackupLocationSpecBuilder.builder(location.getSpec()).id(id).build());
    }

    @Test
    void aStoreThatIsAwayIsToldAndAskedAgain() {
        request(Api.REMOVE_BACKUP, "true");
        status(status -> status.phase(Phase.Removing));
        StoredBackupRun run = ((BackupFilesStep.Create) step()).run();
        var failed = StoredBackupRunStatusBuilder.builder()
                .phase(RunPhase.Failed)
                .reason(Reason.BackupLocationUnavailable.name())
                .message("cannot open /backups");
        run(run, failed, NOW.minusSeconds(60));
        assertThat(condition(ConditionType.Removed).getMessage())
                .isEqualTo("node host-a could not do it, and it is tried again: cannot open /backups");
        run(run, failed, NOW.minusSeconds(301));
        assertThat(step()).isInstanceOf(BackupFilesStep.Discard.class);
    }

    @Test
    void aRunWhoseAgentIsAwayIsReplacedAndOneThatIsUnderWayIsNot() {
        request(Api.REMOVE_BACKUP, "true");
        status(status -> status.phase(Phase.Removing));
        StoredBackupRun run = ((BackupFilesStep.Create) step()).run();
        run(run, null, NOW.minusSeconds(3000));
        assertThat(step()).isInstanceOf(BackupFilesStep.Removing.class);
        facts.ready(Set.of("host-b"));
        assertThat(step()).isInstanceOf(BackupFilesStep.Discard.class);
    }

    /** After a removal elsewhere its files are still there, and nobody would know of them. */
    @Test
    void aRunOfAnotherBackupSaysNothingOfThisOne() {
        request(Api.REMOVE_BACKUP, "true");
        status(status -> status.phase(Phase.Removing));
        StoredBackupRun run = ((BackupFilesStep.Create) step()).run();
        StoredBackupRunSpec spec = run.getSpec();
        for (StoredBackupRunSpec other : List.of(
                StoredBackupRunSpecBuilder.builder(spec).backupUID(UID).build(),
                StoredBackupRunSpecBuilder.builder(spec)
                        .vmRef(new BackupRunSpec.Vm("sales", "payroll", VM))
                        .build(),
                StoredBackupRunSpecBuilder.builder(spec)
                        .vmRef(new BackupRunSpec.Vm("finance", "ledger", VM))
                        .build(),
                StoredBackupRunSpecBuilder.builder(spec)
                        .location(BackupLocations.ref("other", "/backups"))
                        .build(),
                StoredBackupRunSpecBuilder.builder(spec)
                        .location(BackupLocations.ref("nas", "/elsewhere"))
                        .build())) {
            run.setSpec(other);
            run(run, StoredBackupRunStatusBuilder.builder().phase(RunPhase.Completed), NOW);
            assertThat(step()).as(other.toString()).isInstanceOf(BackupFilesStep.Discard.class);
        }
        run.setSpec(spec);
        assertThat(step()).isEqualTo(new BackupFilesStep.Delete());
    }

    @Test
    void aNodeCannotHaveReadABucketBeforeItGotWhatItMayRead() {
        inABucket();
        request(Api.VERIFY_BACKUP, REQUEST);
        StoredBackupRun run = ((BackupFilesStep.Create) step()).run();
        run(run, StoredBackupRunStatusBuilder.builder().phase(RunPhase.Completed), NOW);
        assertThat(step()).isInstanceOf(BackupFilesStep.Discard.class);
        run(run, damaged(), NOW);
        assertThat(step()).isInstanceOf(BackupFilesStep.Discard.class);
        seal(run, NOW.plus(RunGrants.VALIDITY));
        run(run, damaged(), NOW);
        assertThat(step()).isInstanceOf(BackupFilesStep.Verified.class);
    }

    /** Also none of damage, which stays known for good. */
    @Test
    void aVerificationOfAnotherBackupOrIndexSaysNothingOfThisOne() {
        request(Api.VERIFY_BACKUP, REQUEST);
        StoredBackupRun run = ((BackupFilesStep.Create) step()).run();
        StoredBackupRunSpec spec = run.getSpec();
        for (StoredBackupRunSpec other : List.of(
                StoredBackupRunSpecBuilder.builder(spec).backupUID(UID).build(),
                StoredBackupRunSpecBuilder.builder(spec)
                        .indexSHA256("cd".repeat(32))
                        .build())) {
            run.setSpec(other);
            run(run, damaged(), NOW);
            assertThat(step()).isInstanceOf(BackupFilesStep.Discard.class);
            run(run, StoredBackupRunStatusBuilder.builder().phase(RunPhase.Completed), NOW);
            assertThat(step()).isInstanceOf(BackupFilesStep.Discard.class);
        }
        run.setSpec(spec);
        run(run, damaged(), NOW);
        assertThat(step()).isInstanceOf(BackupFilesStep.Verified.class);
    }

    private static StoredBackupRunStatusBuilder damaged() {
        return StoredBackupRunStatusBuilder.builder()
                .phase(RunPhase.Failed)
                .reason(Reason.BackupDamaged.name())
                .message("data-00003 is not what was written");
    }

    @Test
    void withoutANodeItWaits() {
        request(Api.VERIFY_BACKUP, REQUEST);
        facts.node(Optional.empty());
        assertThat(condition(ConditionType.Verified).getStatus()).isEqualTo("Unknown");
        assertThat(condition(ConditionType.Verified).getReason()).isEqualTo(Reason.BackupLocationUnavailable.name());
    }

    @Test
    void aBackupIsVerifiedOnceForEachRequest() {
        request(Api.VERIFY_BACKUP, REQUEST);
        StoredBackupRun run = ((BackupFilesStep.Create) step()).run();
        assertThat(run.getMetadata().getName()).isEqualTo(UID + "-verify");
        assertThat(run.getSpec().indexSHA256()).isEqualTo(DIGEST);
        run(run, null, NOW);
        assertThat(condition(ConditionType.Verified).getReason()).isEqualTo(Reason.VerificationPending.name());
        run(run, StoredBackupRunStatusBuilder.builder().phase(RunPhase.Completed), NOW);
        backup.setStatus(after());
        assertThat(condition(ConditionType.Verified).getStatus()).isEqualTo("True");
        assertThat(backup.getStatus().verification())
                .isEqualTo(new VMBackupStatus.Verification(REQUEST, NOW.toString(), NOW.toString()));
        assertThat(step()).isEqualTo(new BackupFilesStep.Idle());
    }

    @Test
    void damageStaysKnownWhileTheBackupIsVerifiedAgain() {
        request(Api.VERIFY_BACKUP, REQUEST);
        StoredBackupRun run = ((BackupFilesStep.Create) step()).run();
        run(run, damaged(), NOW.minusSeconds(3000));
        assertThat(((BackupFilesStep.Verified) step()).events())
                .singleElement()
                .satisfies(event -> assertThat(event.message()).contains("data-00003"));
        backup.setStatus(after());
        Condition damaged = condition(ConditionType.Verified);
        assertThat(damaged.getStatus()).isEqualTo("False");
        assertThat(damaged.getMessage()).startsWith("data-00003 is not what was written");

        request(Api.VERIFY_BACKUP, NOW.toString());
        facts.run(Optional.empty()).node(Optional.empty());
        assertThat(condition(ConditionType.Verified)).isEqualTo(damaged);
    }

    /** They may need the same pack, and nobody knows which they need without reading them. */
    @Test
    void damageIsToldOfEachBackupThatMayHaveIt() {
        request(Api.VERIFY_BACKUP, REQUEST);
        StoredBackupRun run = ((BackupFilesStep.Create) step()).run();
        run(run, damaged(), NOW);
        backup.setStatus(after());
        VMBackup other = new VMBackup();
        other.setMetadata(new ObjectMetaBuilder(backup.getMetadata())
                .withName("payroll-0")
                .withUid(VM)
                .build());
        other.setStatus(backup.getStatus());

        backup.getMetadata().setAnnotations(Map.of());
        status(status -> status);
        facts.run(Optional.empty()).others(List.of(other));
        assertThat(condition(ConditionType.Verified).getStatus()).isEqualTo("Unknown");
        assertThat(condition(ConditionType.Verified).getReason()).isEqualTo(Reason.BackupDoubted.name());
        assertThat(condition(ConditionType.Verified).getMessage()).contains("VMBackup payroll-0");
        status(status -> status.conditions(List.of(new ConditionBuilder()
                .withType(ConditionType.Removed.name())
                .withStatus("False")
                .build())));
        assertThat(after().conditions())
                .as("a request that was taken back leaves none")
                .extracting(Condition::getType)
                .containsExactly(ConditionType.Verified.name());

        status(status -> status.startTime(NOW.plusSeconds(1).toString()));
        assertThat(step()).as("it was begun since").isEqualTo(new BackupFilesStep.Idle());
        status(status -> status.phase(Phase.Failed).result(null));
        assertThat(step()).isEqualTo(new BackupFilesStep.Idle());
    }

    /** It was read since. */
    @Test
    void aBackupThatWasVerifiedSinceIsNotDoubted() {
        request(Api.VERIFY_BACKUP, REQUEST);
        StoredBackupRun run = ((BackupFilesStep.Create) step()).run();
        Instant earlier = NOW.minusSeconds(60);
        facts.time(new ClusterTime(earlier, Optional.of(earlier)));
        run(run, damaged(), earlier);
        VMBackup other = new VMBackup();
        other.setMetadata(backup.getMetadata());
        other.setStatus(after());
        facts.time(new ClusterTime(NOW, Optional.of(NOW)));
        run(run, StoredBackupRunStatusBuilder.builder().phase(RunPhase.Completed), NOW);
        backup.setStatus(after());

        facts.others(List.of(other));
        assertThat(step()).isEqualTo(new BackupFilesStep.Idle());
    }

    /** A request of a schedule: {@code BEFORE} was read in its round. */
    @Test
    void whatWasReadSinceTheRoundBeganIsNotReadAgain() {
        VMBackup later = verified("payroll-2", 2, "2026-01-02T10:00:00Z");
        VMBackup latest = verified("payroll-3", 3, "2026-01-02T10:30:00Z");
        VMBackup tooLongAgo = verified("payroll-4", 4, "2026-01-02T08:59:59Z");
        VMBackup elsewhere = verified("payroll-2", 2, "2026-01-02T10:00:00Z");
        elsewhere.getMetadata().setNamespace("elsewhere");
        facts.others(List.of(tooLongAgo, latest, elsewhere, later));
        request(Api.VERIFY_BACKUP, "2026-01-02T09:00:00Z/" + REQUEST);
        StoredBackupRun run = ((BackupFilesStep.Create) step()).run();
        assertThat(run.getSpec().alreadyRead().since()).isEqualTo("2026-01-02T10:00:00Z");
        assertThat(run.getSpec().alreadyRead().backups())
                .as("the nearest first")
                .extracting(StoredBackupRunSpec.AlreadyRead.Backup::uid)
                .containsExactly(
                        later.getStatus().backupUID(), latest.getStatus().backupUID());
        run(run, StoredBackupRunStatusBuilder.builder().phase(RunPhase.Completed), NOW);
        assertThat(after().verification().readSince()).isEqualTo("2026-01-02T10:00:00Z");
        assertThat(condition(ConditionType.Verified).getMessage()).contains("was read since 2026-01-02T10:00:00Z");

        assertThat(step()).isEqualTo(new BackupFilesStep.Verified(Optional.empty()));

        // A user asks for all of it meanwhile.
        request(Api.VERIFY_BACKUP, NOW.toString());
        assertThat(step()).isEqualTo(new BackupFilesStep.Discard(run));
        facts.run(Optional.empty());
        for (String all : List.of(NOW.toString(), "soon/" + NOW, "/", NOW + "/" + NOW)) {
            request(Api.VERIFY_BACKUP, all);
            assertThat(((BackupFilesStep.Create) step()).run().getSpec().alreadyRead())
                    .as(all)
                    .isNull();
        }
    }

    @Test
    void whatWasReadBeforeDamageWasFoundIsReadAgain() {
        VMBackup before = verified("payroll-2", 2, "2026-01-02T10:00:00Z");
        VMBackup since = verified("payroll-3", 3, "2026-01-02T10:30:00Z");
        VMBackup damaged = verified("payroll-4", 4, "2026-01-02T10:10:00Z");
        damaged.setStatus(VMBackupStatusBuilder.builder(damaged.getStatus())
                .conditions(verifiedCondition("False"))
                .build());
        facts.others(List.of(before, since, damaged));
        request(Api.VERIFY_BACKUP, "2026-01-02T09:00:00Z/" + REQUEST);
        assertThat(((BackupFilesStep.Create) step())
                        .run()
                        .getSpec()
                        .alreadyRead()
                        .backups())
                .extracting(StoredBackupRunSpec.AlreadyRead.Backup::uid)
                .containsExactly(since.getStatus().backupUID());
    }

    private VMBackup verified(String name, int day, String read) {
        VMBackup other = new VMBackup();
        other.setMetadata(new ObjectMetaBuilder(backup.getMetadata())
                .withName(name)
                .withUid(String.format("00000000-0000-4000-8000-0000000001%02d", day))
                .build());
        other.setStatus(VMBackupStatusBuilder.builder(backup.getStatus())
                .backupUID(other.getMetadata().getUid())
                .result(BackupResultBuilder.builder()
                        .indexSHA256(DIGEST)
                        .time("2026-01-0" + day + "T00:00:00Z")
                        .build())
                .verification(new VMBackupStatus.Verification(REQUEST, read, read))
                .conditions(verifiedCondition("True"))
                .build());
        return other;
    }

    private static List<Condition> verifiedCondition(String status) {
        return List.of(new ConditionBuilder()
                .withType(ConditionType.Verified.name())
                .withStatus(status)
                .build());
    }

    private BackupLocationSpec inABucket() {
        S3 bucket = BackupLocationSpecS3Builder.builder()
                .endpoint("https://s3.example")
                .bucket("vms")
                .secretRef(new ObjectRef("s3"))
                .build();
        location.setSpec(BackupLocations.bucket(bucket));
        return location.getSpec();
    }

    @Test
    void inABucketANodeVerifiesOnceItHasWhatItMayRead() {
        BackupLocationSpec bucket = inABucket();
        request(Api.VERIFY_BACKUP, REQUEST);
        StoredBackupRun run = ((BackupFilesStep.Create) step()).run();
        assertThat(run.getSpec().location()).isEqualTo(BackupLocations.bucketRef("nas", "https://s3.example/vms"));
        run(run, null, NOW);
        assertThat(step()).isEqualTo(new BackupFilesStep.Seal(run, bucket));
        seal(run, NOW.plus(RunGrants.VALIDITY));
        assertThat(step()).isEqualTo(new BackupFilesStep.Verifying(Optional.empty()));
        seal(run, NOW.plusSeconds(60));
        assertThat(step()).as("soon expired").isEqualTo(new BackupFilesStep.Seal(run, bucket));
        run(run, StoredBackupRunStatusBuilder.builder().phase(RunPhase.Completed), NOW);
        assertThat(step()).isEqualTo(new BackupFilesStep.Verified(Optional.empty()));
    }

    private static void seal(StoredBackupRun run, Instant until) {
        run.setSpec(StoredBackupRunSpecBuilder.builder(run.getSpec())
                .envelope(new BackupRunSpec.Envelope("sealed", until.toString()))
                .build());
    }

    @Test
    void itSaysHowFarAVerificationIsInFewWrites() {
        request(Api.VERIFY_BACKUP, REQUEST);
        StoredBackupRun run = ((BackupFilesStep.Create) step()).run();
        run(run, null, NOW);
        backup.setStatus(after());
        assertThat(backup.getStatus().verifiedPercent()).isZero();
        Set<VMBackupStatus> written = new HashSet<>();
        for (int percent = 0; percent <= 200; percent++) {
            run(
                    run,
                    StoredBackupRunStatusBuilder.builder()
                            .phase(RunPhase.Running)
                            .progressPercent(percent),
                    NOW);
            backup.setStatus(after());
            written.add(backup.getStatus());
        }
        assertThat(written).hasSize(4);
        assertThat(backup.getStatus().verifiedPercent()).isEqualTo(75);
        run(run, StoredBackupRunStatusBuilder.builder().phase(RunPhase.Completed), NOW);
        assertThat(after().verifiedPercent()).isNull();
    }

    @Test
    void nothingOfABucketIsSealedForALocationThatWasReplaced() {
        inABucket();
        request(Api.VERIFY_BACKUP, REQUEST);
        run(((BackupFilesStep.Create) step()).run(), null, NOW);
        meansStore(UID);
        assertThat(step()).as("its run is for another store").isInstanceOf(BackupFilesStep.Discard.class);
        facts.run(Optional.empty());
        assertThat(condition(ConditionType.Verified).getReason()).isEqualTo(Reason.BackupLocationUnavailable.name());
    }

    /** No node may remove anything from a bucket. */
    @Test
    void fromABucketTheOperatorRemoves() {
        BackupLocationSpec bucket = inABucket();
        request(Api.REMOVE_BACKUP, "true");
        assertThat(step()).isEqualTo(new BackupFilesStep.Removing(Optional.empty()));
        status(status -> status.phase(Phase.Removing));
        facts.node(Optional.empty()).ready(Set.of());
        assertThat(step()).isEqualTo(new BackupFilesStep.RemoveFromBucket(bucket));
        facts.making(Optional.of("payroll-2"));
        assertThat(condition(ConditionType.Removed).getReason()).isEqualTo(Reason.RemovalPending.name());
    }

    private void run(StoredBackupRun run, StoredBackupRunStatusBuilder status, Instant created) {
        run.getMetadata().setCreationTimestamp(created.toString());
        run.setStatus(status == null ? null : status.build());
        facts.run(Optional.of(run));
    }

    private BackupFilesStep step() {
        return BackupFilesPlanner.plan(facts.build());
    }

    private VMBackupStatus after() {
        return step() instanceof BackupFilesStep.Report report
                ? report.status(new BackupFilesStatus(facts.build()))
                : backup.getStatus();
    }

    private Condition condition(ConditionType type) {
        return type.in(after().conditions()).orElseThrow();
    }

    @Nested
    class AFailedRun extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return BackupFilesPlanner.AGAIN;
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            request(Api.VERIFY_BACKUP, REQUEST);
            facts.run(Optional.empty());
            StoredBackupRun run = ((BackupFilesStep.Create) step()).run();
            facts.time(new ClusterTime(NOW, Optional.of(now)));
            run(
                    run,
                    StoredBackupRunStatusBuilder.builder()
                            .phase(RunPhase.Failed)
                            .reason(Reason.BackupLocationUnavailable.name()),
                    since);
            return !(step() instanceof BackupFilesStep.Discard);
        }
    }
}
