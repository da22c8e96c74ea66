package io.trustedlaunch.placement;

import static io.trustedlaunch.placement.NodeDraft.GIB;
import static io.trustedlaunch.placement.NodeDraft.node;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.node.ClusterNodeStatus.Location;
import io.trustedlaunch.api.node.ClusterNodeStatusLocationBuilder;
import io.trustedlaunch.api.vm.TaintEffect;
import io.trustedlaunch.placement.ImageReport.FileMissing;
import io.trustedlaunch.placement.ImageReport.Imported;
import io.trustedlaunch.placement.Placement.Outcome;
import io.trustedlaunch.placement.SharedLocations.Folder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which nodes a first start can be on whose image is a file. The VM's location is default, and the file's is images. */
class ImageFileTest {
    private static final Location IMAGES = ClusterNodeStatusLocationBuilder.builder()
            .name("images")
            .ready(true)
            .build();

    @Test
    void vmsSpreadOverAllNodesWhileNoneIsKnownToLackTheFile() {
        ImageFile file = file(new Imported("full", "default"));
        assertThat(choose(file, host("full").inUse(2, 2 * GIB), host("empty"))).isEqualTo(new Outcome.Chosen("empty"));
    }

    @Test
    void aNodeWithoutTheFileIsRejectedAndTheOneThatHadItIsChosen() {
        ImageFile file = file(new FileMissing("a"), new Imported("c", "default"));
        assertThat(choose(file, host("a"), host("b"), host("c").inUse(2, 2 * GIB)))
                .isEqualTo(new Outcome.Chosen("c"));
    }

    @Test
    void theRejectionSaysWhichFileToPutWhere() {
        assertRejected(
                choose(file(new FileMissing("a")), host("a")),
                "a: it does not have the file of image ws2022: put images/ws.vhdx into storage location images there");
    }

    @Test
    void aNodeThatWasNotAskedIsTriedBeforeOneThatSharesTheFolderOfANodeWithoutTheFile() {
        SharedLocations shared = sharing("images", "a", "b");
        assertThat(choose(
                        file(new FileMissing("a")),
                        host("a").shared(shared),
                        host("b").shared(shared),
                        host("c").inUse(2, 2 * GIB).shared(shared)))
                .isEqualTo(new Outcome.Chosen("c"));
    }

    @Test
    void noNodeIsRejectedForAnothersWord() {
        SharedLocations shared = sharing("images", "a", "b");
        ImageFile file = file(new FileMissing("a"));
        NodeDraft other = host("b").shared(shared);
        assertThat(choose(file, host("a").shared(shared), other)).isEqualTo(new Outcome.Chosen("b"));
        assertThat(file.isUnlikelyOn(other.info())).isTrue();
        assertThat(file.isUnlikelyOn(host("c").info())).isFalse();
    }

    @Test
    void aNodeThatSharesTheFolderTheFileWasReadFromHasIt() {
        SharedLocations shared = sharing("images", "a", "b");
        assertThat(choose(
                        file(new FileMissing("c"), new Imported("a", "elsewhere")),
                        host("b").inUse(2, 2 * GIB).shared(shared),
                        host("d").shared(shared)))
                .isEqualTo(new Outcome.Chosen("b"));
    }

    @Test
    void whereACopyIsInTheLocationOfTheVmNeitherTheFileNorItsLocationIsNeeded() {
        SharedLocations shared = sharing("default", "a", "b");
        ImageFile file = file(new Imported("a", "default"), new FileMissing("b"));
        NodeDraft withoutImages = node("b").shared(shared);
        assertThat(choose(file, withoutImages)).isEqualTo(new Outcome.Chosen("b"));

        assertRejected(choose(file(), withoutImages), "b: its agent has not reported storage location images");
        assertRejected(choose(file(new Imported("a", "elsewhere")), withoutImages), "storage location images");
    }

    @Test
    void preferencesOfTheUserCountMoreThanDoubt() {
        ImageFile file = file(new FileMissing("x"), new Imported("b", "default"));
        assertThat(file.doubt(host("b").info())).isEqualTo(ImageFile.Doubt.NONE);
        assertThat(file.doubt(host("a").info())).isEqualTo(ImageFile.Doubt.UNKNOWN);
        NodeDraft avoided = host("b").taint("old", null, TaintEffect.PreferNoSchedule);
        assertThat(choose(file, host("a"), avoided)).isEqualTo(new Outcome.Chosen("a"));
    }

    private static NodeDraft host(String name) {
        return node(name).locations(NodeDraft.READY, IMAGES);
    }

    private static SharedLocations sharing(String location, String... nodes) {
        return new SharedLocations(Map.of(location, List.of(new Folder(Set.of(nodes), Optional.of(true)))));
    }

    private static ImageFile file(ImageReport... reports) {
        return new ImageFile("ws2022", "images", "images/ws.vhdx", "default", List.of(reports));
    }

    private static Outcome choose(ImageFile file, NodeDraft... nodes) {
        Requests requests = RequestsDraft.requests().image(Optional.of(file)).build();
        return new Placement(Arrays.stream(nodes).map(NodeDraft::info).toList(), List.of(), PlacementPolicy.DEFAULT)
                .choose(requests, node -> true);
    }

    private static void assertRejected(Outcome outcome, String message) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Rejected.class,
                        rejected -> assertThat(rejected.message()).contains(message));
    }
}
