package io.trustedlaunch.operator.image;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageSpec.Source;
import io.trustedlaunch.api.image.ImageCopy;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The state of all copies of an image. Failed copies are reported; they make the image unusable if no copy has succeeded.
 * Before the first import nothing is known about the source: the image is usable, because a VM causes the import.
 */
record ImageCopiesSummary(boolean usable, Reason reason, String message) {
    private static final String USABLE = "VMs can be created from it; ";
    private static final int MOST_NAMES = 10;

    private record CopyReport(ImageCopy copy, Reason reason, String message) {
        static Optional<CopyReport> of(ImageCopy copy) {
            return copy.condition(ConditionType.Ready)
                    .map(ready -> new CopyReport(copy, reason(ready), message(copy, ready)));
        }

        private static Reason reason(Condition ready) {
            return Reason.reported(ready.getReason()).orElse(Reason.ImageImporting);
        }

        private static String message(ImageCopy copy, Condition ready) {
            Integer percent = copy.getStatus().progressPercent();
            return "storage location " + copy.getSpec().storageLocation().name() + " on node "
                    + copy.getSpec().nodeName() + ": " + ready.getMessage()
                    + (percent == null ? "" : ", " + percent + " %");
        }
    }

    static ImageCopiesSummary of(Source source, List<ImageCopy> copies) {
        List<CopyReport> reports = copies.stream()
                .filter(copy -> !copy.isMarkedForDeletion())
                .sorted(Comparator.comparing(copy -> copy.getMetadata().getName()))
                .flatMap(copy -> CopyReport.of(copy).stream())
                .toList();
        List<CopyReport> importing = select(reports, true);
        List<CopyReport> failed = select(reports, false);
        List<String> nodes = reports.stream()
                .filter(report -> report.reason() == Reason.ImageImported)
                .map(report -> report.copy().getSpec().nodeName())
                .distinct()
                .sorted()
                .toList();
        if (!failed.isEmpty() && nodes.isEmpty()) {
            return new ImageCopiesSummary(false, failed.getFirst().reason(), message(failed));
        }
        if (!failed.isEmpty()) {
            return new ImageCopiesSummary(
                    true,
                    Reason.ImageAccepted,
                    USABLE + "imported on " + some(nodes) + "; not imported: " + message(failed));
        }
        if (!importing.isEmpty()) {
            return new ImageCopiesSummary(true, Reason.ImageImporting, USABLE + message(importing));
        }
        return nodes.isEmpty()
                ? new ImageCopiesSummary(true, Reason.ImportAtFirstUse, USABLE + notImported(source))
                : new ImageCopiesSummary(true, Reason.ImageAccepted, USABLE + "imported on " + some(nodes));
    }

    private static String notImported(Source source) {
        return source.file() == null
                ? "no node has fetched it yet; the node of the first VM will"
                : "no node has read its file yet; the node of the first VM needs "
                        + source.file().path()
                        + " in storage location "
                        + source.file().storageLocationRef().name();
    }

    private static String some(List<String> nodes) {
        String first = String.join(", ", nodes.subList(0, Math.min(nodes.size(), MOST_NAMES)));
        return nodes.size() <= MOST_NAMES ? first : first + " and " + (nodes.size() - MOST_NAMES) + " more";
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
