package io.trustedlaunch.agent.imagecopy;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.disks.VerifiedImage;
import io.trustedlaunch.agent.host.Backoff;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.imagecopy.CopyStep.Import;
import io.trustedlaunch.agent.imagecopy.CopyStep.Remove;
import io.trustedlaunch.agent.imagecopy.CopyStep.TellReady;
import io.trustedlaunch.agent.imagecopy.CopyStep.TellRemoved;
import io.trustedlaunch.agent.imagesource.TryLaterException;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes one copy as far as it goes now: gather → plan → carry out. */
final class CopyPass {
    private static final Logger LOG = LoggerFactory.getLogger(CopyPass.class);

    /** A file that somebody removed is found to be gone, and is brought again. */
    private static final Duration AT_LEISURE = Duration.ofMinutes(1);

    private static final Duration AT_ONCE = Duration.ZERO;
    private static final Duration AFTER_A_FAULT = Duration.ofSeconds(10);

    private final String nodeName;
    private final LocationCheck locations;
    private final Importer importer;
    private final CopyStatusReporter teller;
    private final Supplier<Set<UUID>> own;
    private final Predicate<UUID> unwanted;
    private final Function<ImageCopy, List<ImageCopy>> elsewhere;
    private final Failpoints failpoints;
    private final InstantSource clock;
    private final Backoff<CopyFingerprint> patience = new Backoff<>();

    /**
     * @param own the copies that this node makes, all of them
     * @param unwanted whether a copy is to be made no more, as far as is known at the moment
     * @param elsewhere the copies of the same image into a folder of the same name that other nodes make
     */
    CopyPass(
            String nodeName,
            LocationCheck locations,
            Importer importer,
            CopyStatusWriter writer,
            Supplier<Set<UUID>> own,
            Predicate<UUID> unwanted,
            Function<ImageCopy, List<ImageCopy>> elsewhere,
            Failpoints failpoints,
            InstantSource clock) {
        this.nodeName = nodeName;
        this.locations = locations;
        this.importer = importer;
        this.teller = new CopyStatusReporter(writer, clock);
        this.own = own;
        this.unwanted = unwanted;
        this.elsewhere = elsewhere;
        this.failpoints = failpoints;
        this.clock = clock;
    }

    /** Returns when to look again. Never called for one copy twice at once. */
    Duration run(ImageCopy copy, UUID uid) {
        String name = copy.getMetadata().getName();
        try {
            return look(copy, uid);
        } catch (RefusedException e) {
            LOG.warn("{}: {}: {}", name, e.reason(), e.getMessage());
            return hindered(copy, uid, e.reason(), e.getMessage(), last -> CopyBackoff.after(e.reason(), last));
        } catch (TryLaterException e) {
            LOG.warn("{}: {}", name, e.getMessage());
            return hindered(copy, uid, e.reason(), e.getMessage(), last -> CopyBackoff.after(e, last));
        } catch (CancellationException e) {
            LOG.info("{} is broken off", name);
            return AT_ONCE;
        } catch (IOException | InvalidPathException e) {
            LOG.warn("{}: {}", name, e.toString());
            return hindered(
                    copy,
                    uid,
                    Reason.HostFileFault,
                    "in storage location " + copy.getSpec().storageLocation().path() + ": " + e.getMessage(),
                    last -> CopyBackoff.after(Reason.HostFileFault, last));
        } catch (KubernetesClientException e) {
            LOG.warn("{}: the API server did not take the status: {}", name, e.getMessage());
            return AFTER_A_FAULT;
        } catch (RuntimeException e) {
            LOG.error("{}: a fault of the agent's own", name, e);
            return hindered(
                    copy,
                    uid,
                    Reason.AgentFault,
                    "the agent met an error of its own, which its log has; it tries again",
                    last -> CopyBackoff.after(Reason.AgentFault, last));
        }
    }

    private Duration look(ImageCopy copy, UUID uid) throws IOException {
        CopyFolder folder =
                new CopyFolder(Path.of(copy.getSpec().storageLocation().path()));
        UUID image = UUID.fromString(copy.getSpec().image().uid());
        CopyFacts facts = new CopyFacts(copy, folder.find(image), folder.hasWorkplace(nodeName, uid));
        return switch (CopyPlanner.plan(facts)) {
            case Import step -> bring(copy, uid, folder);
            case TellReady(VerifiedImage found) -> {
                patience.forget(uid);
                removeWhatOthersBegan(copy, folder);
                teller.tell(copy, words -> words.ready(found));
                failpoints.reached(Failpoint.IMPORTER_READY_REPORTED);
                yield AT_LEISURE;
            }
            case Remove step -> {
                folder.remove(image);
                folder.removeWorkplace(nodeName, uid);
                failpoints.reached(Failpoint.IMPORTER_FILE_REMOVED);
                yield AT_ONCE;
            }
            case TellRemoved step -> {
                patience.forget(uid);
                teller.tell(copy, CopyStatus::removed);
                failpoints.reached(Failpoint.IMPORTER_REMOVAL_REPORTED);
                yield AT_LEISURE;
            }
        };
    }

    /** It is of no use any more, and one that died does not come to remove it. One that lives finds the copy. */
    private void removeWhatOthersBegan(ImageCopy copy, CopyFolder folder) throws IOException {
        for (ImageCopy other : elsewhere.apply(copy)) {
            folder.removeWorkplace(
                    other.getSpec().nodeName(),
                    UUID.fromString(other.getMetadata().getUid()));
        }
    }

    private Duration bring(ImageCopy copy, UUID uid, CopyFolder folder) throws IOException {
        var rest = patience.remaining(uid, Backoff.request(copy), clock.instant(), CopyFingerprint.at(copy.getSpec()));
        if (rest.isPresent()) {
            return rest.get();
        }
        locations.require(folder.location());
        folder.removeOtherWorkplaces(nodeName, own.get());
        importer.bring(
                copy,
                folder,
                new ImportProgress(
                        clock,
                        () -> unwanted.test(uid),
                        (what, done, total) -> teller.tell(copy, words -> words.importing(what, done, total))));
        return AT_ONCE;
    }

    private Duration hindered(ImageCopy copy, UUID uid, Reason reason, String message, UnaryOperator<Duration> length) {
        if (Thread.currentThread().isInterrupted()) {
            // By whoever stops this agent: what came of that says nothing of the image.
            return AT_ONCE;
        }
        Duration rest = patience.refused(uid, Backoff.request(copy), length, clock.instant());
        try {
            teller.tell(copy, words -> words.hindered(reason, message));
        } catch (KubernetesClientException e) {
            LOG.warn(
                    "{}: the API server did not take the status: {}",
                    copy.getMetadata().getName(),
                    e.getMessage());
        }
        return rest;
    }
}
