package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupLocationSpecBuilder;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.api.backup.BackupLocationStatus;
import io.trustedlaunch.api.backup.BackupLocationStatus.Node;
import io.trustedlaunch.cli.plugin.PlayedApiServer.Ran;
import io.trustedlaunch.testkit.BackupLocations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupLocationCommandTest {
    private static final String ID = BackupLocations.ID.toString();
    private static final String OTHER = "00000000-0000-4000-8000-000000000001";
    private static final Node UNMARKED = new Node(
            "host-a",
            false,
            null,
            Reason.MarkerMissing.name(),
            "the folder /backups has no marker (backup-location.json); its file system is / (overlay)");

    private PlayedApiServer server;

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        server = new PlayedApiServer(folder);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void have(BackupLocationSpec spec, String id, String bucketID, Reason reason, Node... nodes) {
        BackupLocation location = BackupLocations.named("nas", spec);
        location.setStatus(new BackupLocationStatus(
                1L,
                id,
                bucketID,
                List.of(nodes),
                List.of(new ConditionBuilder()
                        .withType("Ready")
                        .withStatus(reason == Reason.BackupLocationReady ? "True" : "False")
                        .withReason(reason.name())
                        .withMessage("as it is")
                        .build())));
        server.have(location);
    }

    private static BackupLocationSpec folder(String id) {
        return BackupLocationSpecBuilder.builder(BackupLocations.folder("/backups", List.of()))
                .id(id)
                .build();
    }

    private static BackupLocationSpec bucket(String id) {
        return BackupLocationSpecBuilder.builder(BackupLocations.bucket(BackupLocationSpecS3Builder.builder()
                        .endpoint("https://s3.example")
                        .bucket("vms")
                        .secretRef(new ObjectRef("s3"))
                        .build()))
                .id(id)
                .build();
    }

    private static Node marked(String node, String id) {
        return new Node(node, false, id, Reason.BackupLocationNotInitialized.name(), "it is store " + id);
    }

    private Ran init(String... more) {
        return run("init", more);
    }

    private Ran run(String verb, String... more) {
        String[] arguments = new String[more.length + 4];
        System.arraycopy(new String[] {"backup", "location", verb, "nas"}, 0, arguments, 0, 4);
        System.arraycopy(more, 0, arguments, 4, more.length);
        return server.run(arguments);
    }

    private void assertRefused(Ran ran, String... parts) {
        assertThat(ran.code()).isNotZero();
        assertThat(ran.err()).contains(parts);
        assertThat(server.writes()).isEmpty();
    }

    @Test
    void whereThereIsNoMarkerOneIsOrderedWithAnIdOfItsOwn() {
        have(folder(null), null, null, Reason.BackupLocationNotInitialized, UNMARKED);
        Ran ran = init("--node", "host-a", "--yes");
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.out())
                .startsWith("host-a: the folder /backups has no marker (backup-location.json); its file system is /")
                .contains("backuplocation/nas means store ", "its marker is being made");
        assertThat(server.writes()).containsExactly("PATCH nas");
        assertThat(server.lastWritten())
                .matches("\\{\"metadata\":\\{\"annotations\":\\{\"trustedlaunch.io/initialize\":"
                        + "\"20[-0-9T:]+Z ([-0-9a-f]{36}) host-a\"}},\"spec\":\\{\"id\":\"\\1\"}}|"
                        + "\\{\"spec\":\\{\"id\":\"([-0-9a-f]{36})\"},\"metadata\":\\{\"annotations\":"
                        + "\\{\"trustedlaunch.io/initialize\":\"20[-0-9T:]+Z \\2 host-a\"}}}");
    }

    /** A GitOps repository may have the ID before there is a store. */
    @Test
    void anIdThatIsThereIsUsed() {
        have(folder(ID), null, null, Reason.MarkerMissing, UNMARKED);
        assertThat(init("--node", "host-a", "--yes").out()).contains("means store " + ID);
    }

    @Test
    void aBucketNeedsNoNode() {
        have(bucket(null), null, null, Reason.BackupLocationNotInitialized);
        assertRefused(init("--node", "host-a", "--yes"), "--node is for folders");
        Ran ran = init("--yes");
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("https://s3.example/vms");
    }

    @Test
    void aPersonConfirmsIt() {
        have(folder(null), null, null, Reason.BackupLocationNotInitialized, UNMARKED);
        assertRefused(init("--node", "host-a"), "--yes is required");
        assertRefused(init("--yes"), "--node is required");
    }

    /** On another node the file system may not be mounted. */
    @Test
    void whereAnyNodeHasFoundAMarkerNoneIsMade() {
        have(folder(null), null, null, Reason.BackupLocationNotInitialized, UNMARKED, marked("host-b", OTHER));
        assertRefused(
                init("--node", "host-a", "--yes"),
                "there is a marker already, of store " + OTHER + ", on host-b",
                "kubectl tlvm backup location adopt nas");
        have(bucket(null), null, OTHER, Reason.BackupLocationNotInitialized);
        assertRefused(init("--yes"), "there is a marker already, of store " + OTHER);
    }

    @Test
    void oneThatWasThereIsNotMadeAnew() {
        have(folder(ID), ID, null, Reason.MarkerMissing, UNMARKED);
        assertRefused(init("--node", "host-a", "--yes"), "was there before, and is not found now");
    }

    @Test
    void whereTheFolderCannotBeUsedNoneIsOrdered() {
        Node refused = new Node("host-a", false, null, Reason.MarkerRefused.name(), "it is a link");
        have(folder(ID), null, null, Reason.MarkerRefused, refused);
        assertRefused(init("--node", "host-a", "--yes"), "no marker can be made there now: it is a link");
        have(bucket(null), null, null, Reason.BackupSecretUnusable);
        assertRefused(init("--yes"), "no marker can be made there now: as it is");
    }

    @Test
    void theStoreThatIsThereIsAdopted() {
        have(folder(null), null, null, Reason.BackupLocationNotInitialized, marked("host-a", OTHER), UNMARKED);
        Ran ran = run("adopt", "--yes");
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("host-a: store " + OTHER, "backuplocation/nas means store " + OTHER);
        assertThat(server.lastWritten()).contains("\"spec\":{\"id\":\"" + OTHER + "\"}");
    }

    @Test
    void ofSeveralStoresAPersonNamesOne() {
        have(
                folder(null),
                null,
                null,
                Reason.BackupLocationNotInitialized,
                marked("host-a", OTHER),
                marked("host-b", ID));
        assertRefused(run("adopt", "--yes"), "several stores were found: " + OTHER + ", " + ID, "--id");
        assertThat(run("adopt", "--yes", "--id", ID).code()).isZero();
    }

    @Test
    void withoutAMarkerThereIsNothingToAdopt() {
        have(folder(null), null, null, Reason.BackupLocationNotInitialized, UNMARKED);
        assertRefused(run("adopt", "--yes"), "no marker was found", "kubectl tlvm backup location init nas");
    }

    @Test
    void anotherStoreIsAdoptedByANewBackupLocationOnly() {
        have(folder(ID), ID, null, Reason.MarkerRefused, marked("host-a", OTHER));
        assertRefused(run("adopt", "--yes"), "means store " + ID + ", and that cannot be changed");
        have(folder(ID), ID, null, Reason.BackupLocationReady, marked("host-a", ID));
        assertThat(run("adopt", "--yes").out()).contains("means store " + ID + " already");
        assertThat(server.writes()).isEmpty();
    }
}
