package io.trustedlaunch.operator.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageSpec.FileSource;
import io.trustedlaunch.api.image.GuestImageSpec.HttpsSource;
import io.trustedlaunch.api.image.GuestImageSpec.Source;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopySpec;
import io.trustedlaunch.api.image.ImageCopySpecBuilder;
import io.trustedlaunch.api.image.ImageCopyStatusBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageCopiesSummaryTest {
    private static final ImageCopy UNTOLD = copy("host-u", null, null, null);
    private static final ImageCopy DONE = copy("host-d", 100, Reason.ImageImported, "there");
    private static final ImageCopy UNDER_WAY = copy("host-i", 45, Reason.ImageImporting, "node host-i is copying");
    private static final ImageCopy FULL = copy("host-f", null, Reason.NoSpace, "no space left");

    @Test
    void anImageThatNoNodeHasReadIsUsableAndSaysThatItsFileWasNotSeen() {
        assertThat(of()).isEqualTo(of(UNTOLD));
        assertThat(of(UNTOLD))
                .isEqualTo(new ImageCopiesSummary(
                        true,
                        Reason.ImportAtFirstUse,
                        "VMs can be created from it; no node has read its file yet; the node of the first VM needs"
                                + " images/ws.vhdx in storage location csv"));
        assertThat(ImageCopiesSummary.of(
                                new Source(null, new HttpsSource("https://images.example/ws.vhdx", null, null), null),
                                List.of())
                        .message())
                .contains("no node has fetched it yet");
    }

    @Test
    void theNodesThatHaveImportedItAreNamed() {
        assertThat(of(DONE))
                .isEqualTo(new ImageCopiesSummary(
                        true, Reason.ImageAccepted, "VMs can be created from it; imported on host-d"));
    }

    @Test
    void theProgressOfAnImportIsReported() {
        ImageCopiesSummary copyFacts = of(DONE, UNDER_WAY);

        assertThat(copyFacts.usable()).isTrue();
        assertThat(copyFacts.reason()).isEqualTo(Reason.ImageImporting);
        assertThat(copyFacts.message()).contains("default").contains("host-i").contains("45 %");
    }

    @Test
    void aFailedImportMakesTheImageUnusableUnlessAnotherSucceeded() {
        ImageCopiesSummary failed = of(FULL, UNDER_WAY);
        assertThat(failed.usable()).isFalse();
        assertThat(failed.reason()).isEqualTo(Reason.NoSpace);

        ImageCopiesSummary both = of(FULL, DONE);
        assertThat(both.usable()).isTrue();
        assertThat(both.reason()).isEqualTo(Reason.ImageAccepted);
        assertThat(both.message()).contains("imported on host-d", "host-f", "no space left");
    }

    @Test
    void aCopyThatIsBeingRemovedIsIgnored() {
        ImageCopy leaving = copy("host-f", null, Reason.NoSpace, "no space left");
        leaving.getMetadata().setDeletionTimestamp("2026-03-01T12:00:00Z");

        assertThat(of(leaving).reason()).isEqualTo(Reason.ImportAtFirstUse);
    }

    private static ImageCopiesSummary of(ImageCopy... copies) {
        return ImageCopiesSummary.of(
                new Source(new FileSource(new ObjectRef("csv"), "images/ws.vhdx"), null, null), List.of(copies));
    }

    private static ImageCopy copy(String node, Integer percent, Reason reason, String message) {
        ImageCopy copy = new ImageCopy();
        copy.setMetadata(new ObjectMetaBuilder().withName("copy-" + node).build());
        copy.setSpec(ImageCopySpecBuilder.builder()
                .image(new ImageCopySpec.Image("ws", "uid"))
                .storageLocation(new ImageCopySpec.Location("default", "/vms"))
                .nodeName(node)
                .build());
        if (reason != null) {
            copy.setStatus(ImageCopyStatusBuilder.builder()
                    .observedGeneration(1L)
                    .progressPercent(percent)
                    .conditions(List.of(new ConditionBuilder()
                            .withType("Ready")
                            .withStatus(reason == Reason.ImageImported ? "True" : "False")
                            .withReason(reason.name())
                            .withMessage(message)
                            .build()))
                    .build());
        }
        return copy;
    }
}
