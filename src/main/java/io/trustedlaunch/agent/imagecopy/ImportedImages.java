package io.trustedlaunch.agent.imagecopy;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.agent.disks.ImportedImage;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopyStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Location;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Finds an image's file, or else the ImageCopy that imports it. */
final class ImportedImages implements Images {
    /** Most imports take less; a shorter wait is not reported. */
    private static final Duration SILENT_WAIT = Duration.ofSeconds(10);

    private static final long STEP = 10;

    private final Supplier<List<ImageCopy>> copies;
    private final String nodeName;
    private final InstantSource clock;
    private final Map<Needed, Instant> since = new ConcurrentHashMap<>();

    private record Needed(Image image, Location location) {}

    ImportedImages(Supplier<List<ImageCopy>> copies, String nodeName, InstantSource clock) {
        this.copies = copies;
        this.nodeName = nodeName;
        this.clock = clock;
    }

    @Override
    public Result find(Machine machine) {
        Needed image = new Needed(machine.image(), machine.location());
        Optional<ImportedImage> found = find(image);
        if (found.isPresent()) {
            since.remove(image);
            return new Result.Found(found.get());
        }
        Instant first = since.computeIfAbsent(image, key -> clock.instant());
        boolean isLong = !clock.instant().isBefore(first.plus(SILENT_WAIT));
        return new Result.Awaited(reported(image).or(() -> isLong ? Optional.of(unreported(image)) : Optional.empty()));
    }

    private static Optional<ImportedImage> find(Needed image) {
        if (image.image().uid() == null) {
            return Optional.empty();
        }
        return new ImageFolder(Path.of(image.location().path())).find(image.image());
    }

    /** The problem or progress that the importing agent has reported. */
    private Optional<Problem> reported(Needed image) {
        return copy(image)
                .flatMap(copy -> ImportStatus.reported(copy)
                        .filter(condition -> !condition.getStatus().equals("True"))
                        .map(condition ->
                                new Problem(reason(condition), condition.getMessage() + tens(copy.getStatus()))));
    }

    private Problem unreported(Needed image) {
        String target = "image " + image.image().name() + " into storage location "
                + image.location().name();
        return copy(image)
                .map(copy -> new Problem(
                        Reason.ImageImporting,
                        "node " + copy.getSpec().nodeName()
                                + (ImportStatus.reported(copy).isPresent()
                                        ? " has imported " + target + ", but the file is not visible on this node yet"
                                        : " will import " + target)))
                .orElseGet(() -> new Problem(
                        Reason.ImageCopyPending,
                        "no node has been assigned to import " + target + " yet; see the conditions of GuestImage "
                                + image.image().name()));
    }

    /** Prefers this node's copy: another node's may be in a folder that only has the same path. */
    private Optional<ImageCopy> copy(Needed image) {
        return copies.get().stream()
                .filter(copy ->
                        copy.getSpec().image().uid().equals(image.image().uid()))
                .filter(copy -> copy.getSpec()
                        .storageLocation()
                        .path()
                        .equals(image.location().path()))
                .min(Comparator.<ImageCopy, Boolean>comparing(
                                copy -> !copy.getSpec().nodeName().equals(nodeName))
                        .thenComparing(copy -> copy.getMetadata().getName()));
    }

    /** Progress in steps of ten percent: each change is one status write per waiting VM. */
    private static String tens(ImageCopyStatus status) {
        return status.progressPercent() == null || status.size() == null
                ? ""
                : ": " + status.progressPercent() / STEP * STEP + " % of " + (ByteSize.of(status.size()) >> 20)
                        + " MiB";
    }

    private static Reason reason(Condition condition) {
        return Reason.named(condition.getReason()).orElse(Reason.ImageImporting);
    }
}
