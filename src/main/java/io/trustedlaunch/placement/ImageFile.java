package io.trustedlaunch.placement;

import io.trustedlaunch.placement.ImageReport.FileMissing;
import io.trustedlaunch.placement.ImageReport.Imported;
import java.util.List;
import java.util.Optional;

/**
 * The file that a first start makes its OS disk from. Which nodes have it is known only where an agent has looked for it.
 *
 * @param image name of the GuestImage
 * @param storageLocation with the file
 * @param path below the storage location
 * @param copyIn the storage location of the VM: the file is not needed where a verified copy is there
 * @param reports of the image's imports
 */
public record ImageFile(String image, String storageLocation, String path, String copyIn, List<ImageReport> reports) {

    boolean hasCopy(NodeInfo node) {
        return reports.stream()
                .anyMatch(report -> report instanceof Imported imported
                        && imported.storageLocation().equals(copyIn)
                        && node.sharesLocation(copyIn, imported.node()));
    }

    /** A node is rejected for what its own agent reports, never for another's word. */
    Optional<RejectionReason> missingOn(NodeInfo node) {
        return RejectionReason.when(
                isMissingOn(node),
                "it does not have the file of image " + image + ": put " + path + " into storage location "
                        + storageLocation + " there");
    }

    private boolean isMissingOn(NodeInfo node) {
        return reports.stream()
                .anyMatch(
                        report -> report instanceof FileMissing && report.node().equals(node.name()));
    }

    /** Another node lacks the file that has the same folder, and nothing shows that this one has it. */
    public boolean isUnlikelyOn(NodeInfo node) {
        return doubt(node) == Doubt.LIKELY_MISSING;
    }

    /** As long as no node lacks the file, each is taken to have it, so that VMs spread over all of them. */
    Doubt doubt(NodeInfo node) {
        List<ImageReport> missing =
                reports.stream().filter(FileMissing.class::isInstance).toList();
        if (missing.isEmpty() || hasCopy(node) || wasReadOn(node)) {
            return Doubt.NONE;
        }
        return missing.stream()
                        .filter(report -> !report.node().equals(node.name()))
                        .anyMatch(report -> node.sharesLocation(storageLocation, report.node()))
                ? Doubt.LIKELY_MISSING
                : Doubt.UNKNOWN;
    }

    private boolean wasReadOn(NodeInfo node) {
        return reports.stream()
                .anyMatch(report -> report instanceof Imported && node.sharesLocation(storageLocation, report.node()));
    }

    /** Whether a node has the file; nodes with less doubt are tried first. */
    enum Doubt {
        NONE,
        UNKNOWN,
        LIKELY_MISSING
    }
}
