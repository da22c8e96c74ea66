package io.trustedlaunch.agent.imagecopy;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.agent.host.Backoff;
import io.trustedlaunch.agent.host.Environment;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.host.WorkMeter;
import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.agent.imageform.ImageForm.Refused;
import io.trustedlaunch.agent.imagesource.Progress;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.order.Faults;
import io.trustedlaunch.agent.order.LaterException;
import io.trustedlaunch.agent.order.OrderKind;
import io.trustedlaunch.agent.order.OrderPass;
import io.trustedlaunch.agent.order.Slots;
import io.trustedlaunch.agent.order.StatusWriter;
import io.trustedlaunch.agent.order.Task;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopySpec.Source;
import io.trustedlaunch.api.image.ImageCopyStatus;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Imports of images, each of which is tried until its copy is there or no longer wanted. */
final class ImportOrders implements OrderKind<ImageCopy, ImageCopyStatus> {
    private static final Faults FAULTS =
            new Faults(Reason.HypervisorUnavailable, Reason.HypervisorUnavailable, "; the import is tried again");

    /** Fallback check, which imports a file again that was removed. */
    private static final Duration RESYNC = Duration.ofMinutes(1);

    /** Most imports take less: their progress is not reported. */
    private static final Duration SILENT = Duration.ofSeconds(10);

    private final String nodeName;
    private final LocationCheck locations;
    private final Importer importer;
    private final Supplier<List<ImageCopy>> copies;
    private final Environment environment;
    private final InstantSource steady;
    private final WorkMeter meter;
    private final StatusWriter<ImageCopy, ImageCopyStatus> writer;
    private final Backoff<ImportFingerprint> backoff = new Backoff<>();

    /**
     * @param copies of all nodes
     * @param steady for how long something has lasted
     * @param meter of imports
     */
    ImportOrders(
            String nodeName,
            LocationCheck locations,
            Importer importer,
            Supplier<List<ImageCopy>> copies,
            Environment environment,
            InstantSource steady,
            WorkMeter meter,
            StatusWriter<ImageCopy, ImageCopyStatus> writer) {
        this.nodeName = nodeName;
        this.locations = locations;
        this.importer = importer;
        this.copies = copies;
        this.environment = environment;
        this.steady = steady;
        this.meter = meter;
        this.writer = writer;
    }

    OrderPass<ImageCopy, ImageCopyStatus> pass() {
        return new OrderPass<>(this, FAULTS, new Slots(2, 8), steady);
    }

    /** Empty if another node makes it. */
    Optional<UUID> key(ImageCopy copy) {
        return copy.getSpec().nodeName().equals(nodeName) ? Optional.of(uid(copy)) : Optional.empty();
    }

    private Set<UUID> own() {
        return copies.get().stream().flatMap(copy -> key(copy).stream()).collect(Collectors.toSet());
    }

    @Override
    public String describe(ImageCopy copy) {
        return "ImageCopy " + copy.getMetadata().getName();
    }

    @Override
    public Optional<Duration> after(UUID uid) {
        return own().contains(uid) ? Optional.of(RESYNC) : Optional.empty();
    }

    @Override
    public boolean isOver(ImageCopy copy) {
        return hasEnded(copy) || (!copy.isMarkedForDeletion() && ImportStatus.isReportedReady(copy) && isThere(copy));
    }

    @Override
    public boolean needsSlot(ImageCopy copy) {
        return !copy.isMarkedForDeletion() && !isThere(copy);
    }

    @Override
    public boolean isKeptUntilRemoved() {
        return true;
    }

    @Override
    public Optional<Duration> delay(ImageCopy copy) {
        return backoff.remaining(
                uid(copy), Backoff.request(copy), steady.instant(), ImportFingerprint.at(copy.getSpec()));
    }

    /** Or the storage location, which may be a file server. */
    @Override
    public String place(ImageCopy copy) {
        Source source = copy.getSpec().source();
        if (source.file() != null) {
            return source.file().storageLocation().path();
        }
        return Slots.server(
                source.https() != null
                        ? source.https().url()
                        : "https://" + source.oci().reference().replaceFirst("/.*", ""));
    }

    @Override
    public ImageCopyStatus carryOut(ImageCopy copy, Task<ImageCopy> task) throws IOException {
        if (copy.isMarkedForDeletion()) {
            remove(copy);
            return statusOf(task.latest()).removed();
        }
        if (!isThere(copy)) {
            importNow(copy, task);
        }
        Accepted form = requireUnchanged(copy);
        removeUnfinishedElsewhere(copy);
        return statusOf(task.latest()).ready(form);
    }

    private void remove(ImageCopy copy) throws IOException {
        ImageFolder folder = folder(copy);
        if (isThere(copy) || folder.hasWorkplace(nodeName, uid(copy))) {
            folder.remove(image(copy));
            folder.removeWorkplace(nodeName, uid(copy));
            environment.failpoints().reached(Failpoint.IMPORTER_FILE_REMOVED);
        }
    }

    private void importNow(ImageCopy copy, Task<ImageCopy> task) throws IOException {
        ImageFolder folder = folder(copy);
        locations.require(folder.location());
        folder.removeOtherWorkplaces(nodeName, own());
        Instant begin = steady.instant();
        try {
            importer.run(copy, folder, progress(begin, task));
        } catch (IOException | RuntimeException e) {
            meter.failed();
            throw e;
        }
        meter.succeeded(Duration.between(begin, steady.instant()));
    }

    private Progress progress(Instant begin, Task<ImageCopy> task) {
        return (done, total) -> {
            RefusedException.throwIfPresent(task.brokenOff());
            if (!steady.instant().isBefore(begin.plus(SILENT))) {
                task.progress(done, total);
            }
        };
    }

    /** A file that was changed is imported again; a start finds out by its digest, too. */
    private static Accepted requireUnchanged(ImageCopy copy) throws IOException {
        Path file = folder(copy).file(image(copy));
        return switch (CopyForm.inspect(copy, file)) {
            case Accepted form -> form;
            case Refused changed -> {
                Files.deleteIfExists(file);
                throw new LaterException(
                        new Problem(
                                Reason.ImageImporting,
                                "the copy of image " + copy.getSpec().image().name() + " in storage location "
                                        + copy.getSpec().storageLocation().name()
                                        + " was changed; it is imported again"),
                        Duration.ZERO);
            }
        };
    }

    /** Its download stays for the next process, or goes with the copy; with a copy that is gone already, now. */
    @Override
    public Optional<ImageCopyStatus> failed(ImageCopy copy, Problem problem, Exception cause, boolean brokenOff)
            throws IOException {
        if (!brokenOff) {
            throw new LaterException(
                    problem,
                    backoff.refused(
                            uid(copy),
                            Backoff.request(copy),
                            last -> ImportBackoff.after(problem.reason(), cause, last),
                            steady.instant()));
        }
        if (!own().contains(uid(copy))) {
            folder(copy).removeWorkplace(nodeName, uid(copy));
        }
        return Optional.empty();
    }

    @Override
    public void forget(ImageCopy copy) throws IOException {
        boolean isRemoved = copy.isMarkedForDeletion();
        environment
                .failpoints()
                .reached(isRemoved ? Failpoint.IMPORTER_REMOVAL_REPORTED : Failpoint.IMPORTER_READY_REPORTED);
        backoff.forget(uid(copy));
        if (!isRemoved) {
            removeUnfinishedElsewhere(copy);
        }
    }

    /** Other nodes' unfinished imports are useless now; a node that is still importing will find the copy. */
    private void removeUnfinishedElsewhere(ImageCopy copy) throws IOException {
        for (ImageCopy other : elsewhere(copy)) {
            folder(copy).removeWorkplace(other.getSpec().nodeName(), uid(other));
        }
    }

    /** Other nodes' copies of the same image into a folder with the same path. */
    private List<ImageCopy> elsewhere(ImageCopy copy) {
        return copies.get().stream()
                .filter(other -> !other.getSpec().nodeName().equals(nodeName))
                .filter(other -> other.getSpec().image().equals(copy.getSpec().image()))
                .filter(other -> other.getSpec()
                        .storageLocation()
                        .path()
                        .equals(copy.getSpec().storageLocation().path()))
                .toList();
    }

    @Override
    public Optional<ImageCopyStatus> status(ImageCopy copy) {
        return copy.status();
    }

    @Override
    public boolean isFinal(ImageCopyStatus status) {
        return Boolean.TRUE.equals(status.removed());
    }

    @Override
    public Optional<ImageCopyStatus> running(ImageCopy latest, long done, OptionalLong total) {
        return Optional.of(statusOf(latest).importing(done, total));
    }

    @Override
    public ImageCopyStatus waiting(ImageCopy latest, Problem problem) {
        return statusOf(latest).failed(problem);
    }

    @Override
    public String summary(ImageCopyStatus status) {
        return status.conditions().stream().map(Condition::getMessage).collect(Collectors.joining());
    }

    @Override
    public ImageCopy write(ImageCopy copy, ImageCopyStatus status) {
        return writer.write(copy, status);
    }

    private ImportStatus statusOf(ImageCopy latest) {
        return new ImportStatus(latest, environment.clock().instant());
    }

    private static boolean isThere(ImageCopy copy) {
        return folder(copy).find(image(copy)).isPresent();
    }

    private static ImageFolder folder(ImageCopy copy) {
        return new ImageFolder(Path.of(copy.getSpec().storageLocation().path()));
    }

    private static UUID image(ImageCopy copy) {
        return UUID.fromString(copy.getSpec().image().uid());
    }

    private static UUID uid(ImageCopy copy) {
        return UUID.fromString(copy.getMetadata().getUid());
    }
}
