package io.trustedlaunch.agent.imagecopy;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopyStatus;
import io.trustedlaunch.api.image.ImageCopyStatusBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Builds the status of a copy; pure. */
final class ImportStatus {
    private static final int WHOLE = 100;

    private final ImageCopy copy;
    private final Instant now;

    ImportStatus(ImageCopy copy, Instant now) {
        this.copy = copy;
        this.now = now;
    }

    ImageCopyStatus importing(long done, OptionalLong total) {
        return ImageCopyStatusBuilder.builder()
                .observedGeneration(generation())
                .progressPercent(total.isPresent() ? (int) (done * WHOLE / Math.max(1, total.getAsLong())) : null)
                .transferred(ByteSize.quantity(done))
                .size(total.isPresent() ? ByteSize.quantity(total.getAsLong()) : null)
                .conditions(List.of(ready(
                        "False",
                        Reason.ImageImporting,
                        "node " + copy.getSpec().nodeName() + " is fetching the image")))
                .build();
    }

    ImageCopyStatus ready(Accepted image) {
        Optional<ImageCopyStatus> before = copy.status();
        return ImageCopyStatusBuilder.builder()
                .observedGeneration(generation())
                .progressPercent(WHOLE)
                .transferred(before.map(ImageCopyStatus::transferred).orElse(null))
                .size(before.map(ImageCopyStatus::size).orElse(null))
                .format(image.format().name())
                .virtualSize(ByteSize.quantity(image.virtualBytes()))
                .conditions(List.of(ready("True", Reason.ImageImported, Reason.ImageImported.appearsWhen())))
                .build();
    }

    ImageCopyStatus failed(Problem problem) {
        return ImageCopyStatusBuilder.builder()
                .observedGeneration(generation())
                .conditions(List.of(ready("False", problem.reason(), problem.message())))
                .build();
    }

    ImageCopyStatus removed() {
        return ImageCopyStatusBuilder.builder()
                .observedGeneration(generation())
                .removed(true)
                .conditions(List.of(ready(
                        "False",
                        Reason.ImageCopyRemoved,
                        "the copy has been removed from node " + copy.getSpec().nodeName())))
                .build();
    }

    private Long generation() {
        return copy.getMetadata().getGeneration();
    }

    private Condition ready(String status, Reason reason, String message) {
        return new ConditionBuilder()
                .withType(ConditionType.Ready.name())
                .withStatus(status)
                .withReason(reason.name())
                .withMessage(Messages.bounded(message))
                .withObservedGeneration(generation())
                .withLastTransitionTime(lastTransition(status)
                        .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString()))
                .build();
    }

    private Optional<String> lastTransition(String status) {
        return reported(copy)
                .filter(condition -> condition.getStatus().equals(status))
                .map(Condition::getLastTransitionTime);
    }

    /** Whether the status says all that is to say of a finished copy. */
    static boolean isReportedReady(ImageCopy copy) {
        return reported(copy)
                .filter(ready -> ready.getStatus().equals("True"))
                .filter(ready ->
                        ready.getObservedGeneration().equals(copy.getMetadata().getGeneration()))
                .isPresent();
    }

    /** The Ready condition in a copy's status. */
    static Optional<Condition> reported(ImageCopy copy) {
        return copy.status().map(ImageCopyStatus::conditions).flatMap(ConditionType.Ready::in);
    }
}
