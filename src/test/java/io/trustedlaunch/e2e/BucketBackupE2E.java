package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Lab.CommandResult;
import io.trustedlaunch.testkit.RunSecrets;
import io.trustedlaunch.testkit.S3Server;
import io.trustedlaunch.testkit.SecretSearch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a running VM in a bucket of a real S3 server, which is away or refuses its account for a while. */
class BucketBackupE2E {
    private static final String GUEST = "guest";

    @Test
    void aVmIsSavedInABucketByANodeThatNeverHasTheAccountsKey(@TempDir Path folder) throws Exception {
        try (Stage stage = Stage.open("bucket");
                S3Server server = new S3Server(folder, stage.address(), stage.serverCertificate(folder))) {
            RunSecrets.remember(
                    "account of the S3 server", S3Server.ACCOUNT.password().getBytes(StandardCharsets.UTF_8));
            stage.create(secret(stage, "wrong"));
            S3 bucket = BackupLocationSpecS3Builder.builder(server.location("vms", "lab"))
                    .secretRef(new ObjectRef(stage.namespace))
                    .build();
            BackupLocation location = new BackupLocation();
            location.setMetadata(Stage.meta(stage.namespace, null));
            location.setSpec(BackupLocations.bucket(bucket));
            stage.create(location);
            stage.create(stage.vmInFirmware(GUEST));
            String uid = stage.awaitRunning(GUEST).getMetadata().getUid();

            create(stage, "full");
            awaitProblem(stage, "full", "403");
            stage.client.resource(secret(stage, S3Server.ACCOUNT.password())).update();
            VMBackupStatus full = awaitEnd(stage, "full");

            server.stop();
            create(stage, "changes");
            awaitProblem(stage, "changes", "cannot reach " + server.endpoint());
            server.start();
            VMBackupStatus changes = awaitEnd(stage, "changes");

            assertThat(full.result().type()).isEqualTo(BackupResult.Type.Full);
            assertThat(changes.result().type())
                    .as(changes.result().fullReason())
                    .isEqualTo(BackupResult.Type.Incremental);
            Backups.assertWhole(server.bucket("vms").resolve("lab"), stage.protectionKey(uid), changes);
            assertNothingIsLeftOfABrokenOffRun(stage, server.bucket("vms").resolve("lab"), changes);
            assertVerified(stage, server.bucket("vms").resolve("lab"), full);
            assertGoesBack(stage, "full");
            SecretSearch search = new SecretSearch(Map.of(
                    "account", S3Server.ACCOUNT.password().getBytes(StandardCharsets.UTF_8),
                    "signed URL", "X-Amz-Signature=".getBytes(StandardCharsets.UTF_8)));
            assertThat(search.files(stage.lab.folder().resolve("logs"), file -> false))
                    .isEmpty();
            stage.delete(GUEST);
            stage.awaitGone(GUEST, uid);
            stage.client.resource(location).delete();
            stage.client.resource(secret(stage, "")).delete();
        }
    }

    /** What its node has uploaded the operator removes, which alone may. */
    private static void assertNothingIsLeftOfABrokenOffRun(Stage stage, Path bucket, VMBackupStatus before) {
        stage.lab.arm("agent-" + before.nodeName(), Failpoint.BACKUP_UPLOADED);
        create(stage, "broken-off");
        VMBackupStatus brokenOff = await(stage, "broken-off", status -> status.completionTime() != null);
        assertThat(completed(brokenOff)).extracting(Condition::getReason).isEqualTo(Reason.AgentRestarted.name());
        Path left = bucket.resolve(brokenOff.vmUID()).resolve(brokenOff.backupUID());
        org.awaitility.Awaitility.await("the files of the broken-off run to be removed")
                .atMost(Stage.TIMEOUT)
                .until(() -> Files.notExists(left));
    }

    /** By a node that may read what the backup needs, and nothing else: a guest in its firmware has written nothing since the full one. */
    private static void assertVerified(Stage stage, Path bucket, VMBackupStatus full) throws IOException {
        backup(stage, "verify", "changes").orFail();
        Backups.alter(bucket, full);
        CommandResult damaged = backup(stage, "verify", "changes");
        assertThat(damaged.exitCode()).as(damaged.toString()).isNotZero();
        assertThat(damaged.toString())
                .contains(Backups.PACK + " of backup " + full.backupUID(), "is not what was written");
        // As it was.
        Backups.alter(bucket, full);
    }

    private static void assertGoesBack(Stage stage, String name) {
        TrustedLaunchVM before = stage.get(GUEST);
        stage.setRunStrategy(GUEST, RunStrategy.Halted);
        stage.awaitHalted(GUEST);
        backup(stage, "restore", name).orFail();
        stage.setRunStrategy(GUEST, RunStrategy.Always);
        TrustedLaunchVM again = stage.awaitRunning(GUEST);
        assertThat(again.getStatus().vTPM()).isEqualTo(before.getStatus().vTPM());
        assertThat(again.getStatus().guestState().approval().backup()).isEqualTo(name);
    }

    private static CommandResult backup(Stage stage, String... arguments) {
        List<String> all = new ArrayList<>(List.of("tlvm", "backup"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("-n=" + stage.namespace, "--wait"));
        return stage.lab.kubectl(all.toArray(String[]::new));
    }

    private static Secret secret(Stage stage, String password) {
        return new SecretBuilder()
                .withMetadata(Stage.meta(stage.namespace, Stage.OPERATOR_NAMESPACE))
                .withType("kubernetes.io/basic-auth")
                .addToStringData("username", S3Server.ACCOUNT.user())
                .addToStringData("password", password)
                .build();
    }

    private static void create(Stage stage, String name) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(Stage.meta(name, stage.namespace));
        backup.setSpec(new VMBackupSpec(new ObjectRef(GUEST), new ObjectRef(stage.namespace), BackupMode.Auto));
        stage.create(backup);
    }

    /** It waits, and says why. */
    private static void awaitProblem(Stage stage, String name, String message) {
        VMBackupStatus status = await(
                stage,
                name,
                known -> ConditionType.Completed.in(known.conditions())
                        .filter(condition -> condition.getReason().equals(Reason.BackupLocationUnavailable.name()))
                        .isPresent());
        assertThat(status.phase()).isEqualTo(VMBackupStatus.Phase.Pending);
        assertThat(completed(status).getMessage()).contains(message);
    }

    private static Condition completed(VMBackupStatus status) {
        return ConditionType.Completed.in(status.conditions()).orElseThrow();
    }

    private static VMBackupStatus awaitEnd(Stage stage, String name) {
        VMBackupStatus ended = await(stage, name, status -> status.completionTime() != null);
        assertThat(ended.phase()).as(ended.conditions().toString()).isEqualTo(VMBackupStatus.Phase.Completed);
        return ended;
    }

    private static VMBackupStatus await(Stage stage, String name, Predicate<VMBackupStatus> condition) {
        return org.awaitility.Awaitility.await("backup " + name)
                .atMost(Stage.TIMEOUT)
                .until(
                        () -> stage.client
                                .resources(VMBackup.class)
                                .inNamespace(stage.namespace)
                                .withName(name)
                                .get()
                                .getStatus(),
                        status -> status != null && condition.test(status));
    }
}
