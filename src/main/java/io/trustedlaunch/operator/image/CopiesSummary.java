package io.trustedlaunch.operator.image;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.ImageCopyStatus;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.operator.kube.Conditions;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the copies of an image say together. One that fails is told, and makes the image unusable where none has come
 * through.
 */
record CopiesSummary(boolean usable, Reason reason, String message) {
    private static final String USABLE = "VMs can be made from it";

    private record Told(ImageCopy copy, Reason reason, String message) {
        static Optional<Told> of(ImageCopy copy) {
            return Optional.ofNullable(copy.getStatus())
                    .map(ImageCopyStatus::conditions)
                    .flatMap(conditions -> Conditions.find(conditions, ConditionType.Ready))
                    .map(ready -> new Told(copy, reason(ready), words(copy, ready)));
        }

        private static Reason reason(Condition ready) {
            return Arrays.stream(Reason.values())
                    .filter(reason -> reason.name().equals(ready.getReason()))
                    .findFirst()
                    .orElse(Reason.ImageImporting);
        }

        private static String words(ImageCopy copy, Condition ready) {
            Integer percent = copy.getStatus().progressPercent();
            return "storage location " + copy.getSpec().storageLocation().name() + " on node "
                    + copy.getSpec().nodeName() + ": " + ready.getMessage()
                    + (percent == null ? "" : ", " + percent + " %");
        }
    }

    static CopiesSummary of(List<ImageCopy> copies) {
        List<Told> told = copies.stream()
                .filter(copy -> !copy.isMarkedForDeletion())
                .sorted(Comparator.comparing(copy -> copy.getMetadata().getName()))
                .flatMap(copy -> Told.of(copy).stream())
                .toList();
        List<Told> importing = having(told, true);
        List<Told> failed = having(told, false);
        boolean done = told.size() > importing.size() + failed.size();
        if (!failed.isEmpty()) {
            return done
                    ? new CopiesSummary(true, Reason.ImageAccepted, USABLE + "; not yet in " + words(failed))
                    : new CopiesSummary(false, failed.getFirst().reason(), words(failed));
        }
        return importing.isEmpty()
                ? new CopiesSummary(true, Reason.ImageAccepted, USABLE)
                : new CopiesSummary(true, Reason.ImageImporting, USABLE + "; " + words(importing));
    }

    private static List<Told> having(List<Told> told, boolean importing) {
        return told.stream()
                .filter(one -> one.reason() != Reason.ImageImported)
                .filter(one -> (one.reason() == Reason.ImageImporting) == importing)
                .toList();
    }

    private static String words(List<Told> told) {
        return told.stream().map(Told::message).collect(Collectors.joining("; "));
    }
}
