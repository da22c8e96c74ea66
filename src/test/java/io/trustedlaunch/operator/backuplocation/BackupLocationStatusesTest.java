package io.trustedlaunch.operator.backuplocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpecBuilder;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.api.backup.BackupLocationStatus;
import io.trustedlaunch.api.backup.BackupLocationStatus.Node;
import io.trustedlaunch.api.backup.MarkerOrder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus.BackupFolder;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.testkit.BackupLocations;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackupLocationStatusesTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final UUID ID = BackupLocations.ID;
    private static final UUID OTHER = UUID.fromString("00000000-0000-4000-8000-000000000001");
    private static final Problem MISSING =
            new Problem(Reason.MarkerMissing, "the folder /backups has no marker (backup-location.json)");

    private final List<ClusterNode> nodes = new ArrayList<>();
    private BackupLocation location = BackupLocations.named("nas", BackupLocations.folder("/backups", List.of()));
    private Optional<Result<Optional<UUID>>> bucket = Optional.empty();

    private void node(String name, BackupFolder... folders) {
        ClusterNode node = new ClusterNode();
        node.setMetadata(new ObjectMetaBuilder().withName(name).build());
        node.setStatus(ClusterNodeStatusBuilder.builder()
                .backupFolders(List.of(folders))
                .conditions(List.of(new ConditionBuilder()
                        .withType(ConditionType.Enrolled.name())
                        .withStatus(name.startsWith("stranger") ? "False" : "True")
                        .build()))
                .build());
        nodes.removeIf(each -> each.getMetadata().getName().equals(name));
        nodes.add(node);
    }

    private void marked(String name, UUID id) {
        node(name, BackupFolder.marked("nas", id));
    }

    private void unmarked(String name) {
        node(name, BackupFolder.unmarked("nas", MISSING));
    }

    private void means(UUID id) {
        location.setSpec(BackupLocationSpecBuilder.builder(location.getSpec())
                .id(id == null ? null : id.toString())
                .build());
    }

    private void ordered(String node) {
        MarkerOrder order = new MarkerOrder(NOW.minusSeconds(5), ID.toString(), Optional.ofNullable(node));
        location.getMetadata().setAnnotations(Map.of(Api.INITIALIZE, order.text()));
    }

    private void useABucket() {
        location = BackupLocations.named(
                "nas",
                BackupLocations.bucket(BackupLocationSpecS3Builder.builder()
                        .endpoint("https://s3.example")
                        .bucket("vms")
                        .secretRef(new ObjectRef("s3"))
                        .build()));
    }

    private void finds(UUID id) {
        bucket = Optional.of(new Result.Value<>(Optional.ofNullable(id)));
    }

    /** It is on record for the next pass. */
    private BackupLocationStatus pass() {
        BackupLocationStatuses.of(new BackupLocationFacts(location, nodes, bucket, NOW))
                .ifPresent(location::setStatus);
        return location.getStatus();
    }

    private Condition ready() {
        return ConditionType.Ready.in(pass().conditions()).orElseThrow();
    }

    private void assertReady(String message) {
        assertThat(ready().getStatus()).isEqualTo("True");
        assertThat(ready().getReason()).isEqualTo(Reason.BackupLocationReady.name());
        assertThat(ready().getMessage()).isEqualTo(message);
    }

    private void assertNotReady(Reason reason, String... parts) {
        assertThat(ready().getStatus()).isEqualTo("False");
        assertThat(ready().getReason()).isEqualTo(reason.name());
        assertThat(ready().getMessage()).contains(parts);
    }

    @Test
    void withoutAnIdItSaysWhichCommandComesNext() {
        means(null);
        unmarked("host-a");
        assertNotReady(
                Reason.BackupLocationNotInitialized,
                "kubectl tlvm backup location init nas",
                "kubectl tlvm backup location adopt nas");
        marked("host-b", OTHER);
        assertNotReady(Reason.BackupLocationNotInitialized, "host-b has found store " + OTHER);
        assertThat(pass().id()).isNull();
        assertThat(pass().nodes())
                .extracting(Node::nodeName, Node::ready, Node::markerID)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("host-a", false, null),
                        org.assertj.core.groups.Tuple.tuple("host-b", false, OTHER.toString()));
    }

    @Test
    void itIsReadyOnceEachNodeHasFoundTheMarker() {
        assertNotReady(Reason.NoNodes, "no enrolled node has reported the folder yet");
        marked("host-b", ID);
        marked("host-a", ID);
        assertReady("its marker was found on host-a; host-b");
        assertThat(pass().id()).isEqualTo(ID.toString());
    }

    @Test
    void itSaysNodeByNodeWhereItIsNot() {
        marked("host-a", ID);
        unmarked("host-b");
        marked("host-c", OTHER);
        node("host-d");
        assertNotReady(
                Reason.MarkerMissing,
                "host-b: the folder /backups has no marker",
                "host-c: it is store " + OTHER + " by its marker, and store " + ID + " is meant",
                "it can be used on host-a");
        assertThat(pass().nodes())
                .extracting(Node::ready)
                .as("one that has reported nothing yet is left out")
                .containsExactly(true, false, false);
        assertThat(BackupLocationChecks.usable(location, "host-a")).isEmpty();
        assertThat(BackupLocationChecks.usable(location, "host-b").orElseThrow().message())
                .isEqualTo("BackupLocation nas cannot be used on node host-b: the folder /backups has no marker"
                        + " (backup-location.json). An administrator mounts the right file system there, and it goes on by"
                        + " itself (kubectl describe backuplocation nas)");
        assertThat(BackupLocationChecks.usable(location, "host-d").orElseThrow().message())
                .contains("node host-d has not reported yet");
    }

    @Test
    void aNewStoreNeedsItsMarkerAndALostOneIsNotMadeAnew() {
        unmarked("host-a");
        assertNotReady(Reason.MarkerMissing, "kubectl tlvm backup location init nas --node NODE makes its marker");
        ordered("host-a");
        assertNotReady(Reason.MarkerMissing, "it is being made, as was ordered at 2026-01-01T11:59:55Z");
        marked("host-a", ID);
        assertReady("its marker was found on host-a");
        unmarked("host-a");
        assertNotReady(Reason.MarkerMissing, "the marker was there before", "Nothing makes it anew");
        assertThat(pass().id()).as("stays").isEqualTo(ID.toString());
        assertThat(MarkerOrder.due(location, Optional.of("host-a"), NOW)).isEmpty();
    }

    /** Otherwise one node could keep the marker from being made, by saying that it is there. */
    @Test
    void whileItIsBeingMadeOnlyItsMakerSaysThatItIsThere() {
        ordered("host-a");
        unmarked("host-a");
        marked("host-x", ID);
        assertThat(pass().id()).isNull();
        marked("host-a", ID);
        assertThat(pass().id()).isEqualTo(ID.toString());
    }

    /** One that was revoked may have VMs yet; one that was never approved says nothing of the store. */
    @Test
    void aNodeThatIsNotEnrolledIsShownAndDecidesNothing() {
        marked("stranger", ID);
        assertNotReady(Reason.NoNodes, "no enrolled node");
        assertThat(pass().id()).isNull();
        assertThat(BackupLocationChecks.usable(location, "stranger")).isEmpty();
        marked("host-a", ID);
        unmarked("stranger");
        assertReady("its marker was found on host-a");
        assertThat(pass().nodes()).hasSize(2);
    }

    @Test
    void anOrderThatIsTooOldSaysSo() {
        unmarked("host-a");
        MarkerOrder order = new MarkerOrder(NOW.minusSeconds(3600), ID.toString(), Optional.of("host-a"));
        location.getMetadata().setAnnotations(Map.of(Api.INITIALIZE, order.text()));
        assertNotReady(Reason.MarkerMissing, "the order of 2026-01-01T11:00:00Z is not from the last ten minutes");
    }

    @Test
    void whatANodeReportsIsBounded() {
        node(
                "host-a",
                new BackupFolder("nas", null, Reason.BackupLocationReady.name(), "x".repeat(10_000)),
                BackupFolder.marked("nas", ID));
        node("host-b", new BackupFolder("nas", null, null, null), new BackupFolder(null, null, null, null));
        Node first = pass().nodes().getFirst();
        assertThat(first.reason()).isEqualTo(Reason.BackupLocationUnavailable.name());
        assertThat(first.message()).hasSize(Node.MAX_MESSAGE);
        assertThat(pass().nodes()).hasSize(2);
        assertThat(pass().nodes().get(1).message()).contains("the node does not say why");
        IntStream.range(0, 50).forEach(number -> unmarked("other-" + number));
        assertThat(ready().getMessage()).contains("and 42 more");
    }

    @Test
    void aBucketIsReadyOnceItHasTheMarker() {
        useABucket();
        assertThat(ready().getStatus()).isEqualTo("Unknown");
        finds(null);
        assertNotReady(
                Reason.MarkerMissing,
                "the bucket has no marker below the prefix",
                "kubectl tlvm backup location init nas makes its marker");
        finds(ID);
        assertReady("its marker was found in the bucket");
        assertThat(pass().id()).isEqualTo(ID.toString());
        bucket = Optional.empty();
        location.getMetadata().setGeneration(2L);
        assertReady("its marker was found in the bucket");
        assertThat(pass().bucketID()).as("while it does not answer").isEqualTo(ID.toString());
        assertThat(pass().observedGeneration())
                .as("nothing is known of the change")
                .isEqualTo(1);
        finds(OTHER);
        assertNotReady(Reason.MarkerRefused, "it is store " + OTHER);
        bucket = Optional.of(new Result.Refused<>(new Problem(Reason.BackupSecretUnusable, "there is no such Secret")));
        assertNotReady(Reason.BackupSecretUnusable, "there is no such Secret");
        assertThat(pass().bucketID()).isNull();
    }

    @Test
    void aBucketThatNobodyHasNamedSaysWhichStoreItIs() {
        useABucket();
        means(null);
        finds(OTHER);
        assertNotReady(Reason.BackupLocationNotInitialized, "adopt nas", "the bucket is store " + OTHER);
        assertThat(pass().bucketID()).isEqualTo(OTHER.toString());
    }
}
