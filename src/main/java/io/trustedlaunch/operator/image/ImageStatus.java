package io.trustedlaunch.operator.image;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageSpec.FileSource;
import io.trustedlaunch.api.image.GuestImageStatus;
import io.trustedlaunch.api.image.GuestImageStatusBuilder;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Computes an image's status from its verdict and its copies. */
public final class ImageStatus {
    private ImageStatus() {}

    static GuestImageStatus of(GuestImage image, ImageFinding finding, ImageCopyFacts copyFacts, Instant now) {
        Conditions conditions = new Conditions(image, now);
        return switch (finding.verdict()) {
            case EligibilityVerdict.Allowed allowed ->
                of(
                        image,
                        finding,
                        allowed.rule(),
                        conditions.all(
                                conditions.of(ConditionType.Eligible, State.True, allowed.reason(), allowed.message()),
                                ready(image, copyFacts, conditions)));
            case EligibilityVerdict.Refused refused ->
                of(
                        image,
                        finding,
                        null,
                        conditions.all(
                                conditions.of(ConditionType.Eligible, State.False, refused.reason(), refused.message()),
                                conditions.of(ConditionType.Ready, State.False, refused.reason(), refused.message())));
        };
    }

    private static GuestImageStatus of(
            GuestImage image, ImageFinding finding, String rule, List<Condition> conditions) {
        Optional<Long> bytes = finding.match().map(match -> match.image().size());
        return GuestImageStatusBuilder.builder()
                .observedGeneration(image.getMetadata().getGeneration())
                .rule(rule)
                .provenance(finding.match().isPresent() ? Provenance.Signed : Provenance.None)
                .sha256(finding.digest().orElse(null))
                .size(bytes.map(ByteSize::quantity).orElse(null))
                .conditions(conditions)
                .build();
    }

    private static Condition ready(GuestImage image, ImageCopyFacts copyFacts, Conditions conditions) {
        FileSource file = image.getSpec().source().file();
        if (file != null
                && !copyFacts.locations().contains(file.storageLocationRef().name())) {
            return conditions.of(
                    ConditionType.Ready,
                    State.False,
                    Reason.StorageLocationNotFound,
                    "there is no StorageLocation " + file.storageLocationRef().name()
                            + ", which spec.source.file.storageLocationRef names: create it");
        }
        if (copyFacts.credentials() instanceof PullCredentialsFacts.Unusable(Reason reason, String message)) {
            return conditions.of(ConditionType.Ready, State.False, reason, message);
        }
        ImageCopiesSummary copies = ImageCopiesSummary.of(image.getSpec().source(), copyFacts.copies());
        return conditions.of(
                ConditionType.Ready, copies.usable() ? State.True : State.False, copies.reason(), copies.message());
    }
}
