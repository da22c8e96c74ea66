package io.trustedlaunch.operator.image;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestImage;
import io.trustedlaunch.api.GuestImageStatus;
import io.trustedlaunch.api.Provenance;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import io.trustedlaunch.operator.kube.Conditions;
import io.trustedlaunch.operator.kube.Conditions.State;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** From the verdict on an image to what its status says. */
public final class ImageStatus {
    private ImageStatus() {}

    /** @param locations the names of the storage locations that exist */
    public static GuestImageStatus of(
            GuestImage image, EligibilityVerdict verdict, Set<String> locations, Instant now) {
        Long generation = image.getMetadata().getGeneration();
        Conditions conditions = new Conditions(
                image.getStatus() == null ? null : image.getStatus().conditions(), generation, now);
        return switch (verdict) {
            case EligibilityVerdict.Allowed allowed ->
                new GuestImageStatus(
                        generation,
                        allowed.rule(),
                        allowed.provenance(),
                        List.of(
                                conditions.of(ConditionType.Eligible, State.True, allowed.reason(), allowed.message()),
                                ready(image, locations, conditions)));
            case EligibilityVerdict.Refused refused ->
                new GuestImageStatus(
                        generation,
                        null,
                        Provenance.None,
                        List.of(
                                conditions.of(ConditionType.Eligible, State.False, refused.reason(), refused.message()),
                                conditions.of(ConditionType.Ready, State.False, refused.reason(), refused.message())));
        };
    }

    private static Condition ready(GuestImage image, Set<String> locations, Conditions conditions) {
        String location = image.getSpec().source().file().storageLocationRef().name();
        return locations.contains(location)
                ? conditions.of(ConditionType.Ready, State.True, Reason.ImageAccepted, "VMs can be made from it")
                : conditions.of(
                        ConditionType.Ready,
                        State.False,
                        Reason.StorageLocationNotFound,
                        "spec.source.file.storageLocationRef names " + location + ": no such StorageLocation exists");
    }
}
