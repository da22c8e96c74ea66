package io.trustedlaunch.agent.imagecopy;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.trustedlaunch.agent.disks.VerifiedImage;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.ImageCopyStatus;
import io.trustedlaunch.api.ImageCopyStatusBuilder;
import io.trustedlaunch.api.Reason;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** What is told of a copy; pure. */
final class CopyStatus {
    private static final int WHOLE = 100;

    private final ImageCopy copy;
    private final Instant now;

    CopyStatus(ImageCopy copy, Instant now) {
        this.copy = copy;
        this.now = now;
    }

    ImageCopyStatus importing(String what, long done, OptionalLong total) {
        return ImageCopyStatusBuilder.builder()
                .observedGeneration(generation())
                .progressPercent(total.isPresent() ? (int) (done * WHOLE / Math.max(1, total.getAsLong())) : null)
                .transferred(ByteSize.quantity(done))
                .size(total.isPresent() ? ByteSize.quantity(total.getAsLong()) : null)
                .conditions(List.of(ready(
                        "False", Reason.ImageImporting, "node " + copy.getSpec().nodeName() + " is " + what)))
                .build();
    }

    ImageCopyStatus ready(VerifiedImage image) {
        Optional<ImageCopyStatus> before = Optional.ofNullable(copy.getStatus());
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

    ImageCopyStatus hindered(Reason reason, String message) {
        return ImageCopyStatusBuilder.builder()
                .observedGeneration(generation())
                .conditions(List.of(ready("False", reason, message)))
                .build();
    }

    ImageCopyStatus removed() {
        return ImageCopyStatusBuilder.builder()
                .observedGeneration(generation())
                .removed(true)
                .conditions(List.of(ready("False", Reason.ImageCopyRemoved, "nothing of it is left on the node")))
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
                .withMessage(message)
                .withObservedGeneration(generation())
                .withLastTransitionTime(lastTurn(status)
                        .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString()))
                .build();
    }

    private Optional<String> lastTurn(String status) {
        return told(copy)
                .filter(condition -> condition.getStatus().equals(status))
                .map(Condition::getLastTransitionTime);
    }

    /** The condition that was told last. */
    static Optional<Condition> told(ImageCopy copy) {
        return Optional.ofNullable(copy.getStatus()).map(ImageCopyStatus::conditions).filter(Objects::nonNull).stream()
                .flatMap(List::stream)
                .filter(condition -> condition.getType().equals(ConditionType.Ready.name()))
                .findFirst();
    }
}
