package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.HostileBucket;
import io.trustedlaunch.testkit.HostileBucket.Deed;
import io.trustedlaunch.testkit.Lab.CommandResult;
import io.trustedlaunch.testkit.RawHttpsServer;
import io.trustedlaunch.testkit.S3Server;
import io.trustedlaunch.testkit.ServerCertificate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another server takes the place of that of a bucket, with its certificate and its objects. Agents and operator read from it. */
class HostileBucketE2E {
    private static final String GUEST = "payroll";
    private static final String OTHER = "other";
    private static final String PACK = BackupFileName.dataPack(0);

    @Test
    void aServerThatAnswersAnythingHoldsUpItsOwnBackupsOnly(@TempDir Path folder) throws Exception {
        try (Stage stage = Stage.open("hostile-bucket")) {
            ServerCertificate certificate = stage.serverCertificate(folder);
            try (S3Server honest = new S3Server(folder, stage.address(), certificate);
                    RawHttpsServer elsewhere = new RawHttpsServer(certificate, stage.address())) {
                createLocation(stage, honest);
                // One agent has to do with both.
                String host = stage.lab.hosts().getFirst();
                stage.create(stage.vmInFirmware(GUEST).onNodesWith("kubernetes.io/hostname", host));
                stage.create(stage.vmInFirmware(OTHER).onNodesWith("kubernetes.io/hostname", host));
                TrustedLaunchVM before = stage.awaitRunning(GUEST);
                stage.awaitRunning(OTHER);
                Backups others = Backups.of(stage, OTHER, "others-" + stage.nonce);
                saveInTheBucket(stage);
                stage.setRunStrategy(GUEST, RunStrategy.Halted);
                stage.awaitHalted(GUEST);
                honest.stop();
                try (HostileBucket hostile =
                        new HostileBucket(certificate, stage.address(), honest.port(), folder.resolve("buckets"))) {
                    verifiesNothing(stage, hostile);
                    restoresNothing(stage, hostile, elsewhere.url("/"));
                    assertThat(elsewhere.requests()).isEmpty();
                    drips(stage, hostile, others);
                    assertThat(stage.awaitRunning(GUEST).getStatus().vTPM())
                            .isEqualTo(before.getStatus().vTPM());
                    listsAnything(stage, hostile, others);
                }
                honest.start();
                await("the files to be removed from the honest server")
                        .atMost(Stage.TIMEOUT)
                        .until(() -> backup(stage) == null);
            }
            stage.client
                    .resources(BackupLocation.class)
                    .withName(stage.namespace)
                    .delete();
            stage.client
                    .secrets()
                    .inNamespace(Stage.OPERATOR_NAMESPACE)
                    .withName(stage.namespace)
                    .delete();
        }
    }

    private static void verifiesNothing(Stage stage, HostileBucket hostile) {
        damaged(stage, hostile, Deed.SERVE_OTHER_BYTES, BackupFileName.INDEX, "is not the one on record");
        damaged(stage, hostile, Deed.SERVE_OTHER_BYTES, PACK, "is not what was written");
        damaged(stage, hostile, Deed.STATE_ANOTHER_LENGTH, PACK, "bytes instead of");
        damaged(stage, hostile, Deed.SERVE_ANOTHER_RANGE, PACK, "another range");
    }

    private static void damaged(Stage stage, HostileBucket hostile, Deed deed, String file, String text) {
        hostile.does(deed, file, "");
        annotate(stage, Api.VERIFY_BACKUP, deed + "-" + file);
        await(deed + " to be noticed")
                .atMost(Stage.TIMEOUT)
                .until(() -> ConditionType.Verified.in(backup(stage).getStatus().conditions())
                        .filter(verified -> verified.getStatus().equals("False"))
                        .filter(verified -> verified.getMessage().contains(text))
                        .isPresent());
        // Its run may answer the next request otherwise.
        await("the end of the run")
                .atMost(Stage.TIMEOUT)
                .until(() -> stage
                        .client
                        .resources(StoredBackupRun.class)
                        .inNamespace(Stage.OPERATOR_NAMESPACE)
                        .list()
                        .getItems()
                        .stream()
                        .noneMatch(run -> run.getSpec()
                                .backupRef()
                                .uid()
                                .equals(backup(stage).getMetadata().getUid())));
    }

    private static void restoresNothing(Stage stage, HostileBucket hostile, String elsewhere) {
        refused(stage, hostile, Deed.STATE_AN_ENORMOUS_LENGTH, BackupFileName.INDEX, "", "another range");
        refused(stage, hostile, Deed.LEAD_ELSEWHERE, PACK, elsewhere, "not followed");
        refused(stage, hostile, Deed.REFUSE, PACK, "", "403");
    }

    private static void refused(
            Stage stage, HostileBucket hostile, Deed deed, String file, String elsewhere, String text) {
        hostile.does(deed, file, elsewhere);
        CommandResult result = restore(stage, "--wait");
        assertThat(result.exitCode()).as(deed + ": " + result).isNotZero();
        assertThat(result.toString()).as(deed.name()).contains(text);
        stage.patchSpec(GUEST, "{\"approveRestore\": null}");
        stage.awaitHalted(GUEST);
    }

    private static CommandResult restore(Stage stage, String... more) {
        List<String> arguments = new ArrayList<>(List.of("tlvm", "backup", "restore", "full", "-n=" + stage.namespace));
        arguments.addAll(List.of(more));
        return stage.lab.kubectl(arguments.toArray(String[]::new));
    }

    private static void annotate(Stage stage, String name, String value) {
        stage.client
                .resources(VMBackup.class)
                .inNamespace(stage.namespace)
                .withName("full")
                .edit(backup -> {
                    backup.getMetadata().setAnnotations(Map.of(name, value));
                    return backup;
                });
    }

    /** Meanwhile another VM is saved elsewhere. Then each byte is served as it is, once only. */
    private static void drips(Stage stage, HostileBucket hostile, Backups others) {
        hostile.does(Deed.DRIP, PACK, "");
        restore(stage).orFail();
        await("the agent to read").atMost(Stage.TIMEOUT).until(() -> hostile.isAskedFor(PACK));
        others.make("meanwhile-the-agents-go-on");
        hostile.does(Deed.ANSWER_OTHERWISE_THE_SECOND_TIME, PACK, "");
        stage.setRunStrategy(GUEST, RunStrategy.Always);
    }

    private static void listsAnything(Stage stage, HostileBucket hostile, Backups others) {
        VMBackupStatus full = backup(stage).getStatus();
        annotate(stage, Api.REMOVE_BACKUP, "true");
        await("the operator to say that it cannot list the bucket")
                .atMost(Stage.TIMEOUT)
                .until(() -> backup(stage).getStatus().conditions().stream()
                        .anyMatch(condition -> condition.getMessage().contains("too many objects")));
        others.make("meanwhile-the-operator-goes-on");
        assertThat(hostile.removals())
                .as("names in its listing")
                .allMatch(path -> path.contains(full.vmUID() + "/" + full.backupUID()));
    }

    private static VMBackup backup(Stage stage) {
        return stage.client
                .resources(VMBackup.class)
                .inNamespace(stage.namespace)
                .withName("full")
                .get();
    }

    private static void createLocation(Stage stage, S3Server server) throws Exception {
        stage.create(new SecretBuilder()
                .withMetadata(Stage.meta(stage.namespace, Stage.OPERATOR_NAMESPACE))
                .withType("kubernetes.io/basic-auth")
                .addToStringData("username", S3Server.ACCOUNT.user())
                .addToStringData("password", S3Server.ACCOUNT.password())
                .build());
        S3 bucket = BackupLocationSpecS3Builder.builder(server.location("vms", "lab"))
                .secretRef(new ObjectRef(stage.namespace))
                .build();
        BackupLocation location = new BackupLocation();
        location.setMetadata(Stage.meta(stage.namespace, null));
        location.setSpec(BackupLocations.bucket(bucket));
        stage.create(location);
    }

    private static void saveInTheBucket(Stage stage) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(Stage.meta("full", stage.namespace));
        backup.setSpec(new VMBackupSpec(new ObjectRef(GUEST), new ObjectRef(stage.namespace), BackupMode.Auto));
        stage.create(backup);
        await("the backup in the bucket").atMost(Stage.TIMEOUT).until(() -> {
            VMBackupStatus status = backup(stage).getStatus();
            return status != null && status.phase() == VMBackupStatus.Phase.Completed;
        });
    }
}
