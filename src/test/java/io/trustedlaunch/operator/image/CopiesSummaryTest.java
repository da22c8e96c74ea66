package io.trustedlaunch.operator.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.ImageCopySpec;
import io.trustedlaunch.api.ImageCopySpecBuilder;
import io.trustedlaunch.api.ImageCopyStatusBuilder;
import io.trustedlaunch.api.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

class CopiesSummaryTest {
    private static final ImageCopy UNTOLD = copy("host-u", null, null, null);
    private static final ImageCopy DONE = copy("host-d", 100, Reason.ImageImported, "there");
    private static final ImageCopy UNDER_WAY = copy("host-i", 45, Reason.ImageImporting, "node host-i is copying");
    private static final ImageCopy FULL = copy("host-f", null, Reason.NoSpace, "no space left");

    @Test
    void anImageWithoutCopiesIsUsable() {
        assertThat(CopiesSummary.of(List.of())).isEqualTo(CopiesSummary.of(List.of(UNTOLD)));
        assertThat(CopiesSummary.of(List.of(UNTOLD)))
                .isEqualTo(new CopiesSummary(true, Reason.ImageAccepted, "VMs can be created from it"));
    }

    @Test
    void theProgressOfAnImportIsReported() {
        CopiesSummary copyFacts = CopiesSummary.of(List.of(DONE, UNDER_WAY));

        assertThat(copyFacts.usable()).isTrue();
        assertThat(copyFacts.reason()).isEqualTo(Reason.ImageImporting);
        assertThat(copyFacts.message()).contains("default").contains("host-i").contains("45 %");
    }

    @Test
    void aFailedImportMakesTheImageUnusableUnlessAnotherSucceeded() {
        CopiesSummary failed = CopiesSummary.of(List.of(FULL, UNDER_WAY));
        assertThat(failed.usable()).isFalse();
        assertThat(failed.reason()).isEqualTo(Reason.NoSpace);

        CopiesSummary both = CopiesSummary.of(List.of(FULL, DONE));
        assertThat(both.usable()).isTrue();
        assertThat(both.reason()).isEqualTo(Reason.ImageAccepted);
        assertThat(both.message()).contains("host-f").contains("no space left");
    }

    @Test
    void aCopyThatIsBeingRemovedIsIgnored() {
        ImageCopy leaving = copy("host-f", null, Reason.NoSpace, "no space left");
        leaving.getMetadata().setDeletionTimestamp("2026-03-01T12:00:00Z");

        assertThat(CopiesSummary.of(List.of(leaving)).reason()).isEqualTo(Reason.ImageAccepted);
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
