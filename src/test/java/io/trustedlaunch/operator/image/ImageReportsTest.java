package io.trustedlaunch.operator.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopySpec;
import io.trustedlaunch.api.image.ImageCopySpecBuilder;
import io.trustedlaunch.api.image.ImageCopyStatusBuilder;
import io.trustedlaunch.placement.ImageReport.FileMissing;
import io.trustedlaunch.placement.ImageReport.Imported;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageReportsTest {
    @Test
    void anImportThatIsOnItsWayOrFailedOtherwiseSaysNothing() {
        assertThat(ImageReports.of(copy())).isEmpty();
        assertThat(ImageReports.of(copy(Reason.ImageImporting))).isEmpty();
        assertThat(ImageReports.of(copy(Reason.NoSpace))).isEmpty();
        assertThat(ImageReports.of(copy(Reason.ImageFileMissing))).contains(new FileMissing("a"));
        assertThat(ImageReports.of(copy(Reason.ImageImported))).contains(new Imported("a", "default"));
    }

    @Test
    void aCopyThatIsBeingRemovedSaysNothing() {
        ImageCopy leaving = copy(Reason.ImageImported);
        leaving.getMetadata().setDeletionTimestamp("2026-03-01T12:00:00Z");
        assertThat(ImageReports.of(leaving)).isEmpty();
    }

    private static ImageCopy copy() {
        ImageCopy copy = new ImageCopy();
        copy.setMetadata(new ObjectMetaBuilder().withName("copy").build());
        copy.setSpec(ImageCopySpecBuilder.builder()
                .storageLocation(new ImageCopySpec.Location("default", "/vms"))
                .nodeName("a")
                .build());
        return copy;
    }

    private static ImageCopy copy(Reason reason) {
        ImageCopy copy = copy();
        copy.setStatus(ImageCopyStatusBuilder.builder()
                .conditions(List.of(new ConditionBuilder()
                        .withType("Ready")
                        .withStatus(reason == Reason.ImageImported ? "True" : "False")
                        .withReason(reason.name())
                        .build()))
                .build());
        return copy;
    }
}
