package io.trustedlaunch.operator.location;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus.Location;
import io.trustedlaunch.api.node.ClusterNodeStatus.Peer;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.ClusterNodeStatusLocationBuilder;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.api.node.StorageLocationStatus;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.EventDraft;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LocationStatusTest {
    private static final String TO_SHARE_IT = "; to share the folder, mount the same file system on all of them";
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Set<String> BOTH = Set.of("a", "b");

    private final StorageLocation location = location();

    @Test
    void aFolderThatBothReadIsSharedAndItsFreeSpaceReported() {
        StorageLocationStatus status = status(BOTH, node("a", "b"), node("b", "a"));

        assertThat(shared(status)).isEqualTo("True LocationShared one folder on a, b");
        assertThat(status.nodes().getFirst().freeSpace()).isEqualTo(new Quantity("64Gi"));
    }

    @Test
    void separateFoldersAreReportedOnceTheAgentsHadTimeToRead() {
        assertThat(shared(status(Set.of("a"), node("a"), node("b"))))
                .startsWith("Unknown LocationSharingUnproved")
                .endsWith("on a, b");
        assertThat(shared(status(BOTH, node("a"), node("b"))))
                .isEqualTo("False LocationNotShared not proved to be shared on a, b" + TO_SHARE_IT);
    }

    @Test
    void anOperatorThatHasJustStartedLeavesWhatTheLastOneHasFound() {
        location.setStatus(status(BOTH, node("a"), node("b")));

        assertThat(status(Set.of(), node("a"), node("b"))).isEqualTo(location.getStatus());
        assertThat(shared(status(Set.of(), node("a"), node("b"), node("c")))).startsWith("Unknown");
    }

    @Test
    void thePairAndTheThirdNodeAreNamed() {
        assertThat(shared(status(Set.of("a", "b", "c"), node("a", "b"), node("b", "a"), node("c"))))
                .isEqualTo("False LocationNotShared one folder on a, b; not proved to be shared on c" + TO_SHARE_IT);
    }

    @Test
    void oneNodeAloneProvesNothing() {
        assertThat(shared(status(Set.of("a"), node("a")))).startsWith("Unknown LocationSharingUnproved only a");
        assertThat(shared(status(Set.of()))).startsWith("Unknown LocationSharingUnproved no node");
    }

    @Test
    void aHundredNodesAreNotAllNamedInTheMessage() {
        List<String> names = IntStream.range(0, 100).mapToObj(i -> "n" + i).toList();
        ClusterNode[] nodes = names.stream().map(LocationStatusTest::node).toArray(ClusterNode[]::new);

        assertThat(shared(status(Set.copyOf(names), nodes))).endsWith(" and 90 more" + TO_SHARE_IT);
    }

    @Test
    void anUnrestrictedLocationCausesOneWarningAndOneEventWhenItIsRestrictedAgain() {
        assertThat(happenings(BOTH, node("a", "b"), node("b", "a"))).isEmpty();

        List<EventDraft> opened = happenings(BOTH, node("a", "b"), unrestricted("b"));
        assertThat(opened).extracting(EventDraft::reason).containsExactly(Reason.LocationNotRestricted);
        assertThat(opened.getFirst().severity()).isEqualTo(EventDraft.Severity.Warning);
        assertThat(opened.getFirst().message())
                .startsWith("b: chmod 0710 /srv; running VMs keep running, and no VM starts there");
        assertThat(happenings(BOTH, unrestricted("a"), unrestricted("b"))).isEmpty();

        assertThat(happenings(BOTH, node("a", "b"), node("b", "a")))
                .extracting(EventDraft::reason)
                .containsExactly(Reason.LocationReady);
    }

    @Test
    void theEndOfSharingCausesAWarning() {
        happenings(BOTH, node("a", "b"), node("b", "a"));

        assertThat(happenings(BOTH, node("a"), node("b")))
                .extracting(EventDraft::reason)
                .containsExactly(Reason.LocationNotShared);
    }

    @Test
    void locksThatAreNotSeenOnAnotherHostCauseOneWarning() {
        assertThat(happenings(BOTH, node("a"), node("b"))).isEmpty();
        assertThat(locks(location.getStatus())).startsWith("Unknown LocksUntested no nodes share");
        assertThat(happenings(BOTH, node("a", "b"), node("b", "a"))).isEmpty();
        assertThat(locks(location.getStatus()))
                .startsWith("Unknown LocksUntested")
                .endsWith("among a, b");

        assertThat(happenings(BOTH, node("a", false, "b"), node("b", "a")))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.reason()).isEqualTo(Reason.LocksNotShared);
                    assertThat(event.message()).contains("a, b", "nolock", "FenceDevice");
                });
        assertThat(happenings(BOTH, node("a", false, "b"), node("b", false, "a")))
                .isEmpty();

        assertThat(happenings(BOTH, node("a", true, "b"), node("b", true, "a"))).isEmpty();
        assertThat(locks(location.getStatus()))
                .isEqualTo("True LocksShared a lock of one host is seen on the others among a, b");
    }

    private StorageLocationStatus status(Set<String> settled, ClusterNode... nodes) {
        return LocationStatus.of(new LocationFacts(location, List.of(nodes), settled, NOW));
    }

    /** Of the turn from what was on record to this, which is on record then. */
    private List<EventDraft> happenings(Set<String> settled, ClusterNode... nodes) {
        Optional<StorageLocationStatus> before = Optional.ofNullable(location.getStatus());
        location.setStatus(status(settled, nodes));
        return LocationEvents.of(before, location.getStatus());
    }

    private static String shared(StorageLocationStatus status) {
        return condition(status, ConditionType.Shared);
    }

    private static String locks(StorageLocationStatus status) {
        return condition(status, ConditionType.LocksShared);
    }

    private static String condition(StorageLocationStatus status, ConditionType type) {
        Condition condition = Conditions.find(status.conditions(), type).orElseThrow();
        return Stream.of(condition.getStatus(), condition.getReason(), condition.getMessage())
                .collect(Collectors.joining(" "));
    }

    private static StorageLocation location() {
        StorageLocation location = new StorageLocation();
        location.setMetadata(
                new ObjectMetaBuilder().withName("csv").withGeneration(1L).build());
        location.setSpec(new StorageLocationSpec("/srv", List.of()));
        return location;
    }

    private static ClusterNode node(String name, String... reads) {
        return node(name, null, reads);
    }

    private static ClusterNode node(String name, Boolean lockSeen, String... reads) {
        List<Peer> peers = Stream.of(reads)
                .map(other -> new Peer(other, "token-" + other, lockSeen))
                .toList();
        return clusterNode(
                name,
                ClusterNodeStatusLocationBuilder.builder()
                        .name("csv")
                        .ready(true)
                        .reason(Reason.LocationReady.name())
                        .freeSpace(new Quantity("64Gi"))
                        .token("token-" + name)
                        .peers(peers)
                        .build());
    }

    private static ClusterNode unrestricted(String name) {
        return clusterNode(
                name,
                ClusterNodeStatusLocationBuilder.builder()
                        .name("csv")
                        .ready(false)
                        .reason(Reason.LocationNotRestricted.name())
                        .message("chmod 0710 /srv")
                        .build());
    }

    private static ClusterNode clusterNode(String name, Location location) {
        ClusterNode node = new ClusterNode();
        node.setMetadata(new ObjectMetaBuilder().withName(name).build());
        node.setStatus(ClusterNodeStatusBuilder.builder()
                .observedGeneration(1L)
                .storageLocations(List.of(location))
                .build());
        return node;
    }
}
