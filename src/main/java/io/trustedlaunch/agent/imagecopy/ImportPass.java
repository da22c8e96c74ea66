package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.host.Backoff;
import io.trustedlaunch.agent.host.WorkMeter;
import io.trustedlaunch.agent.imagecopy.ImportStep.Import;
import io.trustedlaunch.agent.imagecopy.ImportStep.Remove;
import io.trustedlaunch.agent.imagecopy.ImportStep.ReportReady;
import io.trustedlaunch.agent.imagecopy.ImportStep.ReportRemoved;
import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.agent.imageform.ImageForm.Refused;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.agent.imagesource.TryLaterException;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.order.Faults;
import io.trustedlaunch.agent.order.PassGuard;
import io.trustedlaunch.agent.order.Slots;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopySpec.Source;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes one copy as far as it goes now: gather → plan → carry out. */
final class ImportPass {
    private static final Logger LOG = LoggerFactory.getLogger(ImportPass.class);

    /** Fallback check, which imports a file again that was removed. */
    private static final Duration RESYNC = Duration.ofMinutes(1);

    static final int IMPORTS = 8;
    private static final int FROM_ONE_SERVER = 2;

    private static final Duration AT_ONCE = Duration.ZERO;
    private static final Duration UNTIL_A_SLOT_IS_FREE = Duration.ofSeconds(2);

    private final String nodeName;
    private final LocationCheck locations;
    private final Importer importer;
    private final ImportStatusReporter reporter;
    private final Supplier<Set<UUID>> own;
    private final Predicate<UUID> obsolete;
    private final Function<ImageCopy, List<ImageCopy>> elsewhere;
    private final Failpoints failpoints;
    private final InstantSource steady;
    private final WorkMeter meter;
    private final Backoff<ImportFingerprint> backoff = new Backoff<>();
    private final Slots slots = new Slots(FROM_ONE_SERVER, IMPORTS);
    private final PassGuard<ImageCopy> guard = new PassGuard<>(
            LOG,
            new Faults(Reason.HypervisorUnavailable, Reason.HypervisorUnavailable, "; the import is tried again"),
            new CopyFailures());

    /**
     * @param own all copies that this node makes
     * @param obsolete whether a copy is no longer needed, as far as is known now
     * @param elsewhere other nodes' copies of the same image into a folder with the same path
     * @param steady for how long something has lasted
     * @param meter of imports
     */
    ImportPass(
            String nodeName,
            LocationCheck locations,
            Importer importer,
            ImportStatusWriter writer,
            Supplier<Set<UUID>> own,
            Predicate<UUID> obsolete,
            Function<ImageCopy, List<ImageCopy>> elsewhere,
            Failpoints failpoints,
            InstantSource clock,
            InstantSource steady,
            WorkMeter meter) {
        this.nodeName = nodeName;
        this.locations = locations;
        this.importer = importer;
        this.reporter = new ImportStatusReporter(writer, clock);
        this.own = own;
        this.obsolete = obsolete;
        this.elsewhere = elsewhere;
        this.failpoints = failpoints;
        this.steady = steady;
        this.meter = meter;
    }

    /** Returns the time until the next pass. Never called for one copy twice at once. */
    Duration run(ImageCopy copy, UUID uid) {
        return guard.run(copy, () -> {
            try {
                return step(copy, uid);
            } catch (CancellationException e) {
                LOG.info("{}: import cancelled", copy.getMetadata().getName());
                return AT_ONCE;
            }
        });
    }

    private Duration step(ImageCopy copy, UUID uid) throws IOException {
        ImageFolder folder =
                new ImageFolder(Path.of(copy.getSpec().storageLocation().path()));
        UUID image = UUID.fromString(copy.getSpec().image().uid());
        return switch (ImportStep.next(copy, folder.find(image), folder.hasWorkplace(nodeName, uid))) {
            case Import step -> importImage(copy, uid, folder);
            case ReportReady(Path file) -> {
                backoff.forget(uid);
                removeOtherWorkplaces(copy, folder);
                yield reportReady(copy, file);
            }
            case Remove step -> {
                folder.remove(image);
                folder.removeWorkplace(nodeName, uid);
                failpoints.reached(Failpoint.IMPORTER_FILE_REMOVED);
                yield AT_ONCE;
            }
            case ReportRemoved step -> {
                backoff.forget(uid);
                reporter.report(copy, ImportStatus::removed);
                failpoints.reached(Failpoint.IMPORTER_REMOVAL_REPORTED);
                yield RESYNC;
            }
        };
    }

    /** A file that was changed is imported again; a start finds out by its digest, too. */
    private Duration reportReady(ImageCopy copy, Path file) throws IOException {
        if (ImportStatus.isReportedReady(copy)) {
            return RESYNC;
        }
        return switch (ImageInspector.inspect(file)) {
            case Accepted form -> {
                reporter.report(copy, status -> status.ready(form));
                failpoints.reached(Failpoint.IMPORTER_READY_REPORTED);
                yield RESYNC;
            }
            case Refused changed -> {
                Files.deleteIfExists(file);
                yield AT_ONCE;
            }
        };
    }

    /** Other nodes' unfinished imports are useless now; a node that is still importing will find the copy. */
    private void removeOtherWorkplaces(ImageCopy copy, ImageFolder folder) throws IOException {
        for (ImageCopy other : elsewhere.apply(copy)) {
            folder.removeWorkplace(
                    other.getSpec().nodeName(),
                    UUID.fromString(other.getMetadata().getUid()));
        }
    }

    private Duration importImage(ImageCopy copy, UUID uid, ImageFolder folder) throws IOException {
        var delay =
                backoff.remaining(uid, Backoff.request(copy), steady.instant(), ImportFingerprint.at(copy.getSpec()));
        if (delay.isPresent()) {
            return delay.get();
        }
        Optional<Slots.Slot> slot = slots.take(server(copy.getSpec().source()));
        if (slot.isEmpty()) {
            return UNTIL_A_SLOT_IS_FREE;
        }
        try (Slots.Slot held = slot.get()) {
            importNow(copy, uid, folder);
        }
        return AT_ONCE;
    }

    /** Or the storage location, which may be a file server. */
    private static String server(Source source) {
        if (source.file() != null) {
            return source.file().storageLocation().path();
        }
        return Slots.server(
                source.https() != null
                        ? source.https().url()
                        : "https://" + source.oci().reference().replaceFirst("/.*", ""));
    }

    private void importNow(ImageCopy copy, UUID uid, ImageFolder folder) throws IOException {
        locations.require(folder.location());
        folder.removeOtherWorkplaces(nodeName, own.get());
        Instant begin = steady.instant();
        try {
            importer.run(
                    copy,
                    folder,
                    new ImportProgress(
                            steady,
                            () -> obsolete.test(uid),
                            (done, total) -> reporter.report(copy, status -> status.importing(done, total))));
        } catch (IOException | RuntimeException e) {
            meter.failed();
            throw e;
        }
        meter.succeeded(Duration.between(begin, steady.instant()));
    }

    private final class CopyFailures implements PassGuard.Failures<ImageCopy> {
        @Override
        public Duration delay(ImageCopy copy, Problem problem, Exception cause) {
            if (Thread.currentThread().isInterrupted()) {
                return AT_ONCE;
            }
            return backoff.refused(
                    UUID.fromString(copy.getMetadata().getUid()),
                    Backoff.request(copy),
                    last -> cause instanceof TryLaterException later
                            ? ImportBackoff.after(later, last)
                            : ImportBackoff.after(problem.reason(), last),
                    steady.instant());
        }

        /** An interrupted thread means that the agent is stopping: its failure says nothing about the image. */
        @Override
        public void report(ImageCopy copy, Problem problem) {
            if (!Thread.currentThread().isInterrupted()) {
                reporter.report(copy, status -> status.failed(problem));
            }
        }
    }
}
