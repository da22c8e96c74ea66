package io.trustedlaunch.agent.imagecopy;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.trustedlaunch.agent.disks.VerifiedImage;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.ImageCopyStatus;
import io.trustedlaunch.api.Reason;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What is told of a copy; pure. */
final class CopyStatus {
    private static final long WHOLE = 100;

    private final ImageCopy copy;
    private final Instant now;

    CopyStatus(ImageCopy copy, Instant now) {
        this.copy = copy;
        this.now = now;
    }

    ImageCopyStatus importing(String what, long done, OptionalLong total) {
        return new ImageCopyStatus(
                generation(),
                total.isPresent() ? done * WHOLE / Math.max(1, total.getAsLong()) + " %" : null,
                done,
                total.isPresent() ? total.getAsLong() : null,
                null,
                null,
                null,
                List.of(ready(
                        "False", Reason.ImageImporting, "node " + copy.getSpec().nodeName() + " is " + what)));
    }

    ImageCopyStatus ready(VerifiedImage image) {
        Optional<ImageCopyStatus> before = Optional.ofNullable(copy.getStatus());
        return new ImageCopyStatus(
                generation(),
                "100 %",
                before.map(ImageCopyStatus::bytesDone).orElse(null),
                before.map(ImageCopyStatus::bytesTotal).orElse(null),
                image.format().name(),
                image.virtualBytes(),
                null,
                List.of(ready("True", Reason.ImageImported, Reason.ImageImported.appearsWhen())));
    }

    ImageCopyStatus hindered(Reason reason, String message) {
        return new ImageCopyStatus(
                generation(), null, null, null, null, null, null, List.of(ready("False", reason, message)));
    }

    ImageCopyStatus removed() {
        return new ImageCopyStatus(
                generation(),
                null,
                null,
                null,
                null,
                null,
                true,
                List.of(ready("False", Reason.ImageCopyRemoved, "nothing of it is left on the node")));
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
        return Optional.ofNullable(copy.getStatus())
                .map(ImageCopyStatus::conditions)
                .flatMap(ConditionType.Ready::in);
    }
}
