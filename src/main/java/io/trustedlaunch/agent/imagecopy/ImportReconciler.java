package io.trustedlaunch.agent.imagecopy;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.agent.host.EnvelopeOpener;
import io.trustedlaunch.agent.host.SteadyClock;
import io.trustedlaunch.agent.host.VmQueue;
import io.trustedlaunch.agent.host.WorkMeter;
import io.trustedlaunch.agent.kube.ChangeHandler;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.custody.PullEnvelope;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.process.Informers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs imports of this node's copies on their changes, and reports changes of all copies to waiting VMs. */
public final class ImportReconciler implements AutoCloseable {
    /** Some are left for copies that need no import. */
    static final int THREADS = ImportPass.IMPORTS + 2;

    private static final Duration UNTIL_SYNCED = Duration.ofMillis(200);

    private final SharedIndexInformer<ImageCopy> copies;
    private final String nodeName;
    private final ImportPass pass;
    private final ImportedImages known;
    private final VmQueue queue = new VmQueue("image", THREADS, this::run);

    public ImportReconciler(
            KubernetesClient client,
            String nodeName,
            LocationCheck locations,
            EnvelopeOpener<PullEnvelope.Address, PullCredentials> opener,
            ImportStatusWriter writer,
            Failpoints failpoints,
            InstantSource clock,
            WorkMeter meter) {
        this.copies = Informers.of(ImageCopy.class, client.resources(ImageCopy.class));
        this.nodeName = nodeName;
        SteadyClock steady = new SteadyClock(System::nanoTime);
        this.pass = new ImportPass(
                nodeName,
                locations,
                new Importer(nodeName, new ImageSources(opener, nodeName)::of, failpoints),
                writer,
                () -> own().map(ImportReconciler::uid).collect(Collectors.toSet()),
                this::isObsolete,
                this::elsewhere,
                failpoints,
                clock,
                steady,
                meter);
        this.known = new ImportedImages(() -> copies.getStore().list(), nodeName, steady);
    }

    /** @param changed called with the UID of an image when one of its copies changes */
    public void start(Consumer<String> changed) {
        ChangeHandler.start(
                copies,
                copy -> {
                    if (isOwn(copy)) {
                        queue.wake(uid(copy));
                    }
                    changed.accept(copy.getSpec().image().uid());
                },
                () -> {});
    }

    public Images images() {
        return known;
    }

    @Override
    public void close() {
        copies.stop();
        queue.close();
    }

    /** Waits until all copies are known: workplaces of unknown copies are removed. */
    private Optional<Duration> run(UUID uid) {
        return copies.hasSynced() ? find(uid).map(copy -> pass.run(copy, uid)) : Optional.of(UNTIL_SYNCED);
    }

    private boolean isObsolete(UUID uid) {
        return find(uid).map(ImageCopy::isMarkedForDeletion).orElse(true);
    }

    private List<ImageCopy> elsewhere(ImageCopy copy) {
        return copies.getStore().list().stream()
                .filter(other -> !isOwn(other))
                .filter(other -> other.getSpec().image().equals(copy.getSpec().image()))
                .filter(other -> other.getSpec()
                        .storageLocation()
                        .path()
                        .equals(copy.getSpec().storageLocation().path()))
                .toList();
    }

    private Optional<ImageCopy> find(UUID uid) {
        return own().filter(copy -> uid(copy).equals(uid)).findFirst();
    }

    private Stream<ImageCopy> own() {
        List<ImageCopy> all = copies.getStore().list();
        return all.stream().filter(this::isOwn);
    }

    private boolean isOwn(ImageCopy copy) {
        return copy.getSpec().nodeName().equals(nodeName);
    }

    private static UUID uid(ImageCopy copy) {
        return UUID.fromString(copy.getMetadata().getUid());
    }
}
