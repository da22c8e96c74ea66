package io.trustedlaunch.operator.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupLocationSpecBuilder;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.BackupRunSpecBuilder;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.StoredBackupRunSpec.Action;
import io.trustedlaunch.api.backup.StoredBackupRunSpecBuilder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.custody.EnvelopeRefusedException;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.Quotas;
import io.trustedlaunch.testkit.Vms;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class BackupPassTest extends BackupPasses {
    @Test
    void aBackupTakesFewWrites() {
        pass();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Running);
        assertThat(status().backupUID())
                .isEqualTo(run().orElseThrow().getMetadata().getUid());
        for (int percent = 0; percent <= 100; percent++) {
            report(Backups.progress(percent));
            pass();
        }
        report(Backups.reports(Backups.full()));
        pass();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Completed);
        removeRuns();
        assertThat(run()).isEmpty();
        assertThat(writes)
                .hasSizeLessThanOrEqualTo(8)
                .startsWith("createIfAbsent")
                .endsWith("delete");
    }

    /** The run brings it to the store, and it stays on record: from there the VM's key comes back. */
    @Test
    void theEscrowOfARunIsOnRecordOnceItHasMadeTheBackup() {
        escrow = Optional.of("c2VhbGVk");
        pass();
        assertThat(run().orElseThrow().getSpec().escrow()).isEqualTo("c2VhbGVk");
        assertThat(status().escrow()).isNull();
        report(Backups.reports(Backups.full()));
        pass();
        assertThat(status().escrow()).isEqualTo("c2VhbGVk");
    }

    @Test
    void aCacheThatDoesNotHaveTheRunYetFailsNothing() {
        FakeApiServer before = server.snapshot();
        pass();
        cache = before;
        cache.learn(backup());
        pass();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Running);
        assertThat(writes).containsExactly("createIfAbsent", "replaceStatus");
    }

    /** Also those that were made when the VM, which was retained and taken over, had another name. */
    @Test
    void aBackupMayBuildOnThoseOfTheSameIdentity() {
        VMBackup ofTheSame = Backups.completed(Backups.BASE, "2025-12-01T00:00:00Z");
        ofTheSame.setSpec(new VMBackupSpec(new ObjectRef("former-name"), new ObjectRef("nas"), BackupMode.Auto));
        server.put(ofTheSame);
        VMBackup ofAnother = Backups.completed(Backups.RUN_UID, "2025-12-02T00:00:00Z");
        ofAnother.setStatus(VMBackupStatusBuilder.builder(ofAnother.getStatus())
                .vmUID("of-a-deleted-vm")
                .build());
        server.put(ofAnother);
        pass();
        assertThat(run().orElseThrow().getSpec().completed())
                .extracting(BackupRunSpec.Completed::uid)
                .containsExactly(Backups.BASE);
    }

    /** The run would be created a second time, and would make another backup. */
    @Test
    void aBackupThatHasEndedIsNotBegunAgainByALateOperator() {
        FakeApiServer before = server.snapshot();
        pass();
        report(Backups.reports(Backups.full()));
        pass();
        removeRuns();
        cache = before;
        assertThatThrownBy(this::pass).isInstanceOf(StaleViewException.class);
        assertThat(run()).isEmpty();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Completed);
    }

    @Test
    void aBackupThatIsDeletedMeanwhileIsNotBegun() {
        cache = server.snapshot();
        server.remove(backup());
        assertThatThrownBy(this::pass).isInstanceOf(StaleViewException.class);
        assertThat(run()).isEmpty();
    }

    @Test
    void theGuestIsLookedForOnTheServerBeforeABackupFails() {
        pass();
        cache = server.snapshot();
        cache.put(Backups.vm(status -> status.epoch(2L)));
        pass();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Running);

        server.put(Backups.vm(status -> status.epoch(4L)));
        cache = server;
        pass();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Failed);
        removeRuns();
        assertThat(run()).isEmpty();
    }

    private void useABucket() {
        BackupLocation location = Backups.location(List.of());
        location.setSpec(BackupLocations.bucket(Backups.BUCKET));
        server.put(location);
    }

    private void limit(BackupLocationSpec.Limits limits) {
        BackupLocation location = Backups.location(List.of());
        location.setSpec(BackupLocationSpecBuilder.builder(location.getSpec())
                .limits(limits)
                .build());
        server.put(location);
    }

    private BackupRun otherRun(String location) {
        BackupRun other = new BackupRun();
        other.setMetadata(new ObjectMetaBuilder()
                .withNamespace(Backups.OPERATOR)
                .withName("of-another-vm")
                .build());
        other.setSpec(BackupRunSpecBuilder.builder()
                .nodeName("host-b")
                .vmRef(new BackupRunSpec.Vm(Vms.NAMESPACE, "other", Backups.BASE))
                .backupRef(new BackupRunSpec.Backup("other-1", Backups.BASE))
                .location(BackupLocations.ref(location, "/backups"))
                .build());
        return other;
    }

    private StoredBackupRun storedRun(Action action) {
        StoredBackupRun other = new StoredBackupRun();
        other.setMetadata(new ObjectMetaBuilder()
                .withNamespace(Backups.OPERATOR)
                .withName("stored-of-another-vm")
                .build());
        other.setSpec(StoredBackupRunSpecBuilder.builder()
                .action(action)
                .nodeName("host-b")
                .vmRef(new BackupRunSpec.Vm(Vms.NAMESPACE, "other", Backups.BASE))
                .backupRef(new BackupRunSpec.Backup("other-1", Backups.BASE))
                .location(BackupLocations.ref("nas", "/backups"))
                .build());
        return other;
    }

    @Test
    void noMoreRunsBeginAtATimeThanTheLocationTakes() {
        limit(new BackupLocationSpec.Limits(null, 1));
        for (HasMetadata other : List.of(otherRun("nas"), storedRun(Action.Verify))) {
            server.put(other);
            // The cache does not know of it.
            cache = server.snapshot();
            cache.remove(other);
            pass();
            assertThat(run()).isEmpty();
            assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Pending);
            assertThat(status().conditions().getFirst().getMessage())
                    .contains("BackupLocation nas takes 1 run at a time (spec.limits.parallelRuns)");
            cache = server;
            server.remove(other);
        }
        BackupRun ended = otherRun("nas");
        ended.setStatus(Backups.progress(10));
        server.put(ended);
        pass();
        assertThat(run()).isEmpty();
        ended.setStatus(new BackupRunStatus(RunPhase.Failed, null, null, "NoSpace", "full"));
        server.put(ended);
        pass();
        assertThat(run()).isPresent();
    }

    @Test
    void removalsAndOtherLocationsDoNotCount() {
        limit(new BackupLocationSpec.Limits(null, 1));
        server.put(storedRun(Action.Remove));
        BackupRun elsewhere = otherRun("s3");
        elsewhere.getMetadata().setName("elsewhere");
        server.put(elsewhere);
        pass();
        assertThat(run()).isPresent();
    }

    @Test
    void aRunHasTheBandwidthOfItsLocation() {
        limit(new BackupLocationSpec.Limits(new Quantity("100Mi"), null));
        pass();
        assertThat(run().orElseThrow().getSpec().bytesPerSecond()).isEqualTo(100L << 20);
    }

    @Test
    void inABucketTheRunGetsWhatItsNodeMayAsk() {
        useABucket();
        pass();
        BackupRunSpec spec = run().orElseThrow().getSpec();
        assertThat(spec.location()).isEqualTo(BackupLocations.bucketRef("nas", "https://s3.example:9000/vms/lab"));
        assertThat(spec.envelope().sealed()).isEqualTo("sealed");
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Running);
        pass();
        report(Backups.progress(0));
        pass();
        assertThat(grants.sealed).as("once").hasSize(1);
        report(Backups.reports(Backups.full()));
        pass();
        removeRuns();
        assertThat(run()).isEmpty();
        assertThat(grants.removed).as("files of a whole backup").isEmpty();
    }

    @Test
    void withoutItsBucketABackupWaitsAndBeginsByItself() {
        useABucket();
        grants.problem = Optional.of(new Problem(Reason.BackupLocationUnavailable, "no answer"));
        pass();
        assertThat(run()).isEmpty();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Pending);
        assertThat(status().conditions()).first().satisfies(completed -> {
            assertThat(completed.getReason()).isEqualTo("BackupLocationUnavailable");
            assertThat(completed.getMessage()).isEqualTo("no answer");
        });
        grants.problem = Optional.empty();
        pass();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Running);
        assertThat(run().orElseThrow().getSpec().envelope()).isNotNull();
    }

    /** As after the death of the operator. */
    @Test
    void aRunWithoutAnEnvelopeGetsOneLater() {
        useABucket();
        pass();
        BackupRun created = run().orElseThrow();
        created.setSpec(
                BackupRunSpecBuilder.builder(created.getSpec()).envelope(null).build());
        server.put(created);
        grants.problem = Optional.of(new Problem(Reason.BackupSecretUnusable, "no Secret"));
        pass();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Pending);
        grants.problem = Optional.empty();
        pass();
        assertThat(run().orElseThrow().getSpec().envelope()).isNotNull();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Running);
    }

    @Test
    void aRunThatWaitsGetsNewUrlsBeforeTheOldOnesExpire() {
        useABucket();
        pass();
        for (Duration left : List.of(Duration.ofHours(13), Duration.ofHours(11), Duration.ofHours(-1))) {
            BackupRun waiting = run().orElseThrow();
            waiting.setSpec(BackupRunSpecBuilder.builder(waiting.getSpec())
                    .envelope(new BackupRunSpec.Envelope(
                            "old", Backups.NOW.plus(left).toString()))
                    .build());
            server.put(waiting);
            pass();
            assertThat(run().orElseThrow().getSpec().envelope().sealed())
                    .isEqualTo(left.toHours() > 12 ? "old" : "sealed");
        }
    }

    @Test
    void aRunInABucketThatWasReplacedFails() {
        useABucket();
        pass();
        BackupRun created = run().orElseThrow();
        created.setSpec(
                BackupRunSpecBuilder.builder(created.getSpec()).envelope(null).build());
        server.put(created);
        server.put(Backups.location(List.of()));
        pass();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Failed);
        removeRuns();
        assertThat(grants.removed).as("nothing of another location").isEmpty();
    }

    @Test
    void theNodeOfAVmThatIsOffGetsTheKeysOfItsBackups() throws EnvelopeRefusedException {
        stopTheVm();
        server.remove(server.find(Secret.class, Vms.UID).orElseThrow());
        assertPends(
                "the VM's key, Secret " + Vms.UID + " in namespace " + Backups.OPERATOR + ", is missing or damaged");
        server.put(ProtectionKeySecret.of(Backups.OPERATOR, Vms.UID, Vms.NAMESPACE, Vms.NAME, protectionKey.bytes()));
        server.put(node(status -> status.sealingCertificate(null)));
        assertPends("nothing can be sealed to node " + Backups.NODE + ": its sealing certificate has not been issued");

        server.put(node(status -> status));
        pass();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Running);
        UUID vm = UUID.fromString(Vms.UID);
        RestoreEnvelope.Content opened = RestoreEnvelope.open(
                Base64.getDecoder().decode(run().orElseThrow().getSpec().keys()),
                sealingKey.pair(),
                new RestoreEnvelope.Address(Backups.UID, vm, Backups.NODE));
        assertThat(opened.keys().packSecret()).isEqualTo(protectionKey.backupPackSecret(vm));
        assertThat(opened.grant()).isEmpty();
        assertThat(audited)
                .singleElement()
                .asString()
                .contains(
                        "BackupKeysReleased",
                        "Success",
                        Backups.NODE,
                        sealingKey.certificate().keyIdentifier());

        report(Backups.reports(BackupResultBuilder.builder(Backups.full())
                .guestState(Backups.STOPPED)
                .build()));
        pass();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Completed);
    }

    private void assertPends(String message) {
        pass();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Pending);
        assertThat(status().conditions().getFirst().getReason()).isEqualTo("BackupPending");
        assertThat(status().conditions().getFirst().getMessage())
                .startsWith(message)
                .endsWith("; the backup then begins by itself");
        assertThat(run()).isEmpty();
        assertThat(audited).isEmpty();
    }

    private ClusterNode node(UnaryOperator<ClusterNodeStatusBuilder> change) {
        return Nodes.clusterNode(Nodes.info(Backups.NODE)
                .status(change.apply(Nodes.status().sealingCertificate(sealingKey.certificatePem()))
                        .build())
                .build());
    }

    /** Whatever the caches say: the run cannot be taken back. */
    @Test
    void aStartThatTheCacheDoesNotShowYetWins() {
        stopTheVm();
        FakeApiServer before = server.snapshot();
        server.put(Backups.off(status -> status.epoch(Backups.EPOCH + 1)));
        cache = before;
        cache.learn(backup());
        pass();
        assertThat(run()).isEmpty();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Pending);
    }

    @Test
    void aVmThatStartsEndsTheRunThatReadsItsFiles() {
        stopTheVm();
        pass();
        server.put(Backups.off(status -> status.epoch(Backups.EPOCH + 1)));
        pass();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Failed);
        removeRuns();
        assertThat(run()).isEmpty();
    }

    private void stopTheVm() {
        server.put(ProtectionKeySecret.of(Backups.OPERATOR, Vms.UID, Vms.NAMESPACE, Vms.NAME, protectionKey.bytes()));
        server.put(node(status -> status));
        server.put(Backups.off(status -> status));
        VMIncarnation incarnation = server.find(VMIncarnation.class, VMIncarnation.nameOf(Vms.UID, Backups.EPOCH))
                .orElseThrow();
        incarnation.setStatus(Backups.incarnation(Phase.Stopped).getStatus());
        server.put(incarnation);
    }

    @Test
    void whatAFailedRunHasLeftInABucketIsRemoved() {
        useABucket();
        pass();
        report(new BackupRunStatus(RunPhase.Failed, null, null, "NoSpace", "full"));
        pass();
        removeRuns();
        assertThat(run()).isEmpty();
        assertThat(grants.removed).containsExactly(status().backupUID());
    }

    @Test
    void aBackupBeyondTheQuotaFailsWithWhatIsMissing() {
        server.put(Quotas.quota("few", hard -> hard.backups(1L)));
        VMBackup other = Backups.completed(Backups.BASE, "2025-12-01T00:00:00Z");
        server.put(other);
        pass();

        assertThat(run()).isEmpty();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Failed);
        assertThat(status().completionTime()).isNotNull();
        assertThat(status().conditions().getFirst().getReason()).isEqualTo("QuotaExceeded");
        assertThat(status().conditions().getFirst().getMessage())
                .contains("VMQuota few leaves too little: backups: 1 more wanted, 1 of 1 in use, 1 missing");
    }

    /** The cache knows neither of the other's run nor of its status. */
    @Test
    void aRunThatHasJustBegunCountsForTheQuota() {
        server.put(Quotas.quota("few", hard -> hard.backups(1L)));
        cache = server.snapshot();
        server.put(otherRun("nas"));
        pass();

        assertThat(run()).isEmpty();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Failed);
    }

    @Test
    void aBackupWithinTheQuotaBeginsOnceLeadershipIsConfirmed() {
        server.put(Quotas.quota("few", hard -> hard.backups(2L)));
        server.put(Backups.completed(Backups.BASE, "2025-12-01T00:00:00Z"));
        VMBackup failed = Backups.completed(Backups.RUN_UID, "2025-12-02T00:00:00Z");
        failed.getMetadata().setName("failed");
        failed.setStatus(VMBackupStatusBuilder.builder(failed.getStatus())
                .phase(VMBackupStatus.Phase.Failed)
                .build());
        server.put(failed);
        server.put(storedRun(Action.Verify));
        pass();

        assertThat(run()).isPresent();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Running);
        assertThat(confirmations).isEqualTo(1);
        // What runs goes on when the quota shrinks.
        server.put(Quotas.quota("few", hard -> hard.backups(0L)));
        report(Backups.reports(Backups.full()));
        pass();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Completed);
    }
}
