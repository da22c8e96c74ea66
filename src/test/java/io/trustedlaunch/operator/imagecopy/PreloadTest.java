package io.trustedlaunch.operator.imagecopy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.GuestImageSpec.HttpsSource;
import io.trustedlaunch.api.image.GuestImageSpec.Identifier;
import io.trustedlaunch.api.image.GuestImageSpec.Source;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.GuestImageStatusBuilder;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Location;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.api.node.StorageLocationStatus;
import io.trustedlaunch.api.node.StorageLocationStatus.Node;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PreloadTest {
    private static final String DIGEST = "a".repeat(64);

    private final StorageLocation ssd = location("ssd", ready("host-a"), ready("host-b"), notReady("host-c"));
    private final StorageLocation archive = location("archive", ready("host-a"));
    private final Set<String> alive = new HashSet<>(Set.of("host-a", "host-b", "host-c"));

    @Test
    void isNeededOnEachLivingNodeOfTheLocationsThatAreNamed() {
        assertThat(preloads(image("True", DIGEST, "ssd")))
                .containsExactlyInAnyOrder(need("ssd", "host-a"), need("ssd", "host-b"));
        assertThat(preloads(image("True", DIGEST, "ssd", "archive")))
                .containsExactlyInAnyOrder(need("ssd", "host-a"), need("ssd", "host-b"), need("archive", "host-a"));
        alive.remove("host-b");
        assertThat(preloads(image("True", DIGEST, "ssd"))).containsExactly(need("ssd", "host-a"));
    }

    @Test
    void isNotNeededWithoutTheField() {
        assertThat(preloads(image("True", DIGEST))).isEmpty();
        assertThat(preloads(image("True", DIGEST, "elsewhere"))).isEmpty();
    }

    @Test
    void whatNoVmMayBeCreatedFromIsNotFetched() {
        assertThat(preloads(image("False", DIGEST, "ssd"))).isEmpty();
        assertThat(preloads(image("True", null, "ssd"))).isEmpty();
        GuestImage unseen = image("True", DIGEST, "ssd");
        unseen.setStatus(null);
        assertThat(preloads(unseen)).isEmpty();
    }

    @Test
    void aLocationThatNoNodeReportedIsWaitedFor() {
        ssd.setStatus(null);

        assertThat(preloads(image("True", DIGEST, "ssd"))).isEmpty();
    }

    private List<ImageNeed> preloads(GuestImage image) {
        return ImageNeed.preloads(image, List.of(ssd, archive), alive::contains);
    }

    private static ImageNeed need(String location, String node) {
        return new ImageNeed(new Image("ws2022", "uid", DIGEST), new Location(location, "/" + location), node);
    }

    private static GuestImage image(String eligible, String digest, String... locations) {
        GuestImage image = new GuestImage();
        image.setMetadata(
                new ObjectMetaBuilder().withName("ws2022").withUid("uid").build());
        GuestImageSpec spec = GuestImageSpecBuilder.builder()
                .osType(OsType.Windows)
                .identifier(new Identifier("contoso", "server", "2022"))
                .version("1")
                .source(new Source(null, new HttpsSource("https://images.example/ws2022.vhdx", null, null), null))
                .preload(List.of(locations))
                .build();
        image.setSpec(spec);
        image.setStatus(GuestImageStatusBuilder.builder()
                .sha256(digest)
                .conditions(List.of(new ConditionBuilder()
                        .withType(ConditionType.Eligible.name())
                        .withStatus(eligible)
                        .build()))
                .build());
        return image;
    }

    private static StorageLocation location(String name, Node... nodes) {
        StorageLocation location = new StorageLocation();
        location.setMetadata(new ObjectMetaBuilder().withName(name).build());
        location.setSpec(new StorageLocationSpec("/" + name, List.of()));
        location.setStatus(new StorageLocationStatus(1L, Stream.of(nodes).toList(), List.of(), List.of()));
        return location;
    }

    private static Node ready(String node) {
        return new Node(node, true, null, null, null);
    }

    private static Node notReady(String node) {
        return new Node(node, false, "StorageNotReady", "the folder is not there", null);
    }
}
