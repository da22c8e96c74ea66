package io.trustedlaunch.operator.imagecopy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopyStatusBuilder;
import io.trustedlaunch.operator.imagecopy.RemovalPlan.Step;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemovalPlanTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # being deleted | image exists | needed | node exists | reported removed | step
            false           | true        | true   | true       | false        | KEEP
            false           | true        | false  | true       | false        | KEEP
            false           | true        | false  | false      | false        | KEEP
            false           | false       | true   | true       | false        | KEEP
            false           | false       | false  | true       | false        | DELETE
            false           | false       | false  | false      | false        | DELETE
            true            | true        | true   | true       | false        | KEEP
            true            | false       | false  | true       | false        | KEEP
            true            | false       | false  | true       | true         | RELEASE
            true            | false       | false  | false      | true         | RELEASE
            true            | false       | false  | false      | false        | ABANDON
            """)
    void aCopyIsRemovedWhenItsImageIsGoneAndNoStartNeedsIt(
            boolean deleted, boolean imageExists, boolean needed, boolean nodeExists, boolean removed, Step step) {
        ImageCopy copy = copy(Api.IMAGE_FINALIZER);
        if (deleted) {
            copy.getMetadata().setDeletionTimestamp("2026-03-01T12:00:00Z");
        }
        copy.setStatus(ImageCopyStatusBuilder.builder()
                .observedGeneration(1L)
                .removed(removed ? true : null)
                .build());

        assertThat(RemovalPlan.plan(new RemovalFacts(copy, imageExists, needed, nodeExists)))
                .isEqualTo(step);
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aReleasedCopyIsLeftAlone(boolean nodeExists) {
        ImageCopy copy = copy("another/finalizer");
        copy.getMetadata().setDeletionTimestamp("2026-03-01T12:00:00Z");

        assertThat(RemovalPlan.plan(new RemovalFacts(copy, false, false, nodeExists)))
                .isEqualTo(Step.KEEP);
    }

    private static ImageCopy copy(String finalizer) {
        ImageCopy copy = new ImageCopy();
        copy.setMetadata(new ObjectMetaBuilder()
                .withName("copy")
                .withFinalizers(finalizer)
                .build());
        return copy;
    }
}
