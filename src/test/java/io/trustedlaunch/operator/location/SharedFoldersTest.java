package io.trustedlaunch.operator.location;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.node.ClusterNodeStatus.Peer;
import io.trustedlaunch.api.node.ClusterNodeStatusLocationBuilder;
import io.trustedlaunch.api.node.StorageLocationStatus.Group;
import io.trustedlaunch.operator.location.LocationFacts.Report;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SharedFoldersTest {
    private static final Group A_AND_B = new Group(List.of("a", "b"));

    @Test
    void nodesThatReadEachOtherHaveOneFolder() {
        assertThat(found(List.of(node("a", "b"), node("b", "a")))).containsExactly(A_AND_B);
    }

    @Test
    void aFolderThatWasCopiedIsReadOneWayOnlyAndIsNotShared() {
        assertThat(found(List.of(node("a"), node("b", "a")))).isEmpty();
    }

    @Test
    void aTokenThatTheOtherNodeDoesNotReportProvesNothing() {
        Report a = report("a", true, true, "of-a", new Peer("b", "of-another-cluster"));

        assertThat(found(List.of(a, node("b", "a")))).isEmpty();
    }

    @Test
    void aReportWithoutATokenProvesNothing() {
        Report a = report("a", true, true, null, new Peer("b", "token-b"));
        Report b = report("b", true, true, "token-b", new Peer("a", "token-a"));

        assertThat(found(List.of(a, b))).isEmpty();
    }

    @Test
    void aChainOfNodesThatReadEachOtherHasOneFolder() {
        assertThat(found(List.of(node("a", "b"), node("b", "a", "c"), node("c", "b"), node("d"))))
                .containsExactly(new Group(List.of("a", "b", "c")));
    }

    @Test
    void nodesThatNoLongerReadEachOtherAreSplit() {
        assertThat(found(List.of(node("a"), node("b")), A_AND_B)).isEmpty();
    }

    @Test
    void aNodeWhoseAgentIsDownKeepsItsGroup() {
        assertThat(found(List.of(node("a"), silent("b")), A_AND_B)).containsExactly(A_AND_B);
        assertThat(found(List.of(silent("a"), silent("b")), A_AND_B)).containsExactly(A_AND_B);
    }

    @Test
    void aNodeWhoseAgentJustCameBackKeepsItsGroup() {
        assertThat(found(List.of(node("a"), silent("b", "a")), A_AND_B)).containsExactly(A_AND_B);
    }

    @Test
    void aNodeWhoseLocationIsNotReadyKeepsItsGroup() {
        assertThat(found(List.of(node("a"), report("b", false, true, null)), A_AND_B))
                .containsExactly(A_AND_B);
    }

    @Test
    void aNodeWhoseAgentIsDownIsInNoGroupOnceTheOthersAreSplit() {
        assertThat(found(List.of(node("a"), node("b"), silent("c")), new Group(List.of("a", "b", "c"))))
                .isEmpty();
    }

    @Test
    void aNodeThatSharesWithOthersHasLeftItsOldGroup() {
        List<Report> reports = List.of(node("a"), silent("b", "c"), node("c", "b"));

        assertThat(found(reports, A_AND_B)).containsExactly(new Group(List.of("b", "c")));
    }

    @Test
    void aNodeThatNoLongerReportsTheLocationIsInNoGroup() {
        assertThat(SharedFolders.of(List.of(node("a")), List.of(A_AND_B), Set.of("a", "b")))
                .isEmpty();
    }

    /** Its VMs, which lie in the folder, are to start where that is. */
    @Test
    void aDeletedNodeKeepsItsGroup() {
        Group three = new Group(List.of("a", "b", "gone"));
        assertThat(found(List.of(node("a", "b"), node("b", "a")), three)).containsExactly(three);
        assertThat(found(List.of(node("a"), silent("b")), three)).containsExactly(three);
        assertThat(found(List.of(node("a")), A_AND_B)).containsExactly(A_AND_B);
    }

    @Test
    void aDeletedNodeIsInNoGroupOnceTheOthersAreSplit() {
        assertThat(found(List.of(node("a"), node("b")), new Group(List.of("a", "b", "gone"))))
                .isEmpty();
    }

    @Test
    void locksAreSharedIfEachThatWasTestedIsSeen() {
        assertThat(found(List.of(node("a", "b"), node("b", "a")))).containsExactly(group(null));
        assertThat(found(List.of(tests("a", "b", true), node("b", "a")))).containsExactly(group(true));
        assertThat(found(List.of(tests("a", "b", true), tests("b", "a", false))))
                .containsExactly(group(false));
    }

    /** What it reported last may be of a mount that was corrected since; what is on record stays until others know better. */
    @Test
    void aNodeWhoseAgentIsDownSaysNothingOfLocks() {
        Report down = report("b", true, false, "token-b", new Peer("a", "token-a", false));

        assertThat(found(List.of(tests("a", "b", true), down))).containsExactly(group(true));
        assertThat(found(List.of(node("a", "b"), down), group(true))).containsExactly(group(true));
        assertThat(found(List.of(silent("a"), silent("b")), group(false))).containsExactly(group(false));
    }

    private static Group group(Boolean locksShared) {
        return new Group(List.of("a", "b"), locksShared);
    }

    private static Report tests(String name, String other, boolean isSeen) {
        return report(name, true, true, "token-" + name, new Peer(other, "token-" + other, isSeen));
    }

    /** All that report it are all that there are. */
    private static List<Group> found(List<Report> reports, Group... recorded) {
        return SharedFolders.of(
                reports,
                List.of(recorded),
                reports.stream().map(Report::nodeName).collect(Collectors.toSet()));
    }

    /** Alive for long, and reads the files of those. */
    private static Report node(String name, String... reads) {
        return report(name, true, true, "token-" + name, peers(reads));
    }

    private static Report silent(String name, String... reads) {
        return report(name, true, false, "token-" + name, peers(reads));
    }

    private static Peer[] peers(String... names) {
        return Arrays.stream(names).map(name -> new Peer(name, "token-" + name)).toArray(Peer[]::new);
    }

    private static Report report(String name, boolean ready, boolean settled, String token, Peer... peers) {
        return new Report(
                name,
                settled,
                ClusterNodeStatusLocationBuilder.builder()
                        .name("csv")
                        .ready(ready)
                        .token(token)
                        .peers(Stream.of(peers).toList())
                        .build());
    }
}
