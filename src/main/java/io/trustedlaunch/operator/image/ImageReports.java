package io.trustedlaunch.operator.image;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.placement.ImageReport;
import io.trustedlaunch.placement.ImageReport.FileMissing;
import io.trustedlaunch.placement.ImageReport.Imported;
import java.util.Optional;

/** The agents' reports of an image's copies, as evidence about their nodes. */
public final class ImageReports {
    private ImageReports() {}

    /** Empty if the agent has reported nothing that matters for the choice of a node. */
    public static Optional<ImageReport> of(ImageCopy copy) {
        return copy.condition(ConditionType.Ready)
                .filter(ready -> !copy.isMarkedForDeletion())
                .flatMap(ready -> of(copy, ready));
    }

    private static Optional<ImageReport> of(ImageCopy copy, Condition ready) {
        String node = copy.getSpec().nodeName();
        if (ready.getStatus().equals("True")) {
            return Optional.of(
                    new Imported(node, copy.getSpec().storageLocation().name()));
        }
        return ready.getReason().equals(Reason.ImageFileMissing.name())
                ? Optional.of(new FileMissing(node))
                : Optional.empty();
    }
}
