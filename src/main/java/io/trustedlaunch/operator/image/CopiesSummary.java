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
 * The state of all copies of an image. Failed copies are reported; they make the image unusable if no copy has succeeded.
 */
record CopiesSummary(boolean usable, Reason reason, String message) {
    private static final String USABLE = "VMs can be created from it";

    private record CopyReport(ImageCopy copy, Reason reason, String message) {
        static Optional<CopyReport> of(ImageCopy copy) {
            return Optional.ofNullable(copy.getStatus())
                    .map(ImageCopyStatus::conditions)
                    .flatMap(conditions -> Conditions.find(conditions, ConditionType.Ready))
                    .map(ready -> new CopyReport(copy, reason(ready), message(copy, ready)));
        }

        private static Reason reason(Condition ready) {
            return Arrays.stream(Reason.values())
                    .filter(reason -> reason.name().equals(ready.getReason()))
                    .findFirst()
                    .orElse(Reason.ImageImporting);
        }

        private static String message(ImageCopy copy, Condition ready) {
            Integer percent = copy.getStatus().progressPercent();
            return "storage location " + copy.getSpec().storageLocation().name() + " on node "
                    + copy.getSpec().nodeName() + ": " + ready.getMessage()
                    + (percent == null ? "" : ", " + percent + " %");
        }
    }

    static CopiesSummary of(List<ImageCopy> copies) {
        List<CopyReport> reports = copies.stream()
                .filter(copy -> !copy.isMarkedForDeletion())
                .sorted(Comparator.comparing(copy -> copy.getMetadata().getName()))
                .flatMap(copy -> CopyReport.of(copy).stream())
                .toList();
        List<CopyReport> importing = select(reports, true);
        List<CopyReport> failed = select(reports, false);
        boolean done = reports.size() > importing.size() + failed.size();
        if (!failed.isEmpty()) {
            return done
                    ? new CopiesSummary(true, Reason.ImageAccepted, USABLE + "; not imported yet: " + message(failed))
                    : new CopiesSummary(false, failed.getFirst().reason(), message(failed));
        }
        return importing.isEmpty()
                ? new CopiesSummary(true, Reason.ImageAccepted, USABLE)
                : new CopiesSummary(true, Reason.ImageImporting, USABLE + "; " + message(importing));
    }

    private static List<CopyReport> select(List<CopyReport> reports, boolean importing) {
        return reports.stream()
                .filter(one -> one.reason() != Reason.ImageImported)
                .filter(one -> (one.reason() == Reason.ImageImporting) == importing)
                .toList();
    }

    private static String message(List<CopyReport> reports) {
        return reports.stream().map(CopyReport::message).collect(Collectors.joining("; "));
    }
}
