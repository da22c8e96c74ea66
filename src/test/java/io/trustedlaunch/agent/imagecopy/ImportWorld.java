package io.trustedlaunch.agent.imagecopy;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.Environment;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.RecordedWork;
import io.trustedlaunch.agent.imagesource.ImageSource;
import io.trustedlaunch.agent.imagesource.Progress;
import io.trustedlaunch.agent.location.DiskPathInspector;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.location.PathFacts;
import io.trustedlaunch.agent.location.PathFactsBuilder;
import io.trustedlaunch.agent.order.OrderPass;
import io.trustedlaunch.agent.order.StatusWriter;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopyStatus;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.testkit.FailpointFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A host's location in a folder, one copy of an image, and an agent that can die and come back. */
final class ImportWorld implements StatusWriter<ImageCopy, ImageCopyStatus> {
    static final Duration NEVER = Duration.ofDays(1);

    final Path location;
    final List<ImageCopyStatus> written = new ArrayList<>();

    /** How often the source was used. */
    int fetches;

    /** An extra action during a fetch; by default none. */
    Interference interference = progress -> {};

    /** A source that replaces the file. */
    Optional<ImageSource> server = Optional.empty();

    /** Other nodes' copies of the image into this location. */
    List<ImageCopy> elsewhere = List.of();

    boolean serverDown;

    /** The copy was deleted, and nothing has kept it. */
    boolean gone;

    final RecordedWork imports = new RecordedWork();

    private final FailpointFolder failpoints;
    private final HypervisorAccount account;
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private ImageCopy stored;
    private OrderPass<ImageCopy, ImageCopyStatus> agent;

    /** Runs while an image is fetched. */
    @FunctionalInterface
    interface Interference {
        void meanwhile(Progress progress) throws IOException;
    }

    ImportWorld(Path root) throws IOException {
        this.account = Accounts.ownerOf(root);
        this.location = root.resolve("vms");
        account.makePassage(location);
        this.failpoints = new FailpointFolder(root.resolve("failpoints"));
        Files.createDirectory(location.resolve("images"));
        restartAgent();
    }

    void restartAgent() {
        Failpoints deaths = failpoints.deadly();
        agent = new ImportOrders(
                        ImageCopies.NODE,
                        locations(),
                        new Importer(ImageCopies.NODE, this::source, deaths),
                        () -> Stream.concat(own().stream(), elsewhere.stream()).toList(),
                        new Environment(deaths, () -> now, new SecureRandom()),
                        () -> now,
                        imports,
                        this)
                .pass();
    }

    private List<ImageCopy> own() {
        return gone ? List.of() : List.of(stored);
    }

    void stopAgent() {
        try {
            agent.stop(Duration.ZERO);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    LocationCheck locations() {
        return new LocationCheck(this::restricted, account, location.resolveSibling("own"));
    }

    private ImageSource source(ImageCopy copy) {
        ImageSource source = server.orElseGet(() -> ImageCopies.sources().of(copy));
        return (staged, wanted, progress) -> {
            fetches++;
            try {
                interference.meanwhile(progress);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            source.fetch(staged, wanted, progress);
        };
    }

    /** The path of the unfinished download. */
    Path workplace() {
        return new ImageFolder(location)
                .download(ImageCopies.NODE, ImageCopies.UID)
                .getParent();
    }

    /** The source's file. */
    Path source() {
        return location.resolve("images").resolve("proof");
    }

    void create(String sha256) {
        stored = ImageCopies.of(location, "images/proof", sha256);
    }

    void createDisc(String sha256) {
        create(sha256);
        stored = ImageCopies.ofDisc(stored);
    }

    void create(String sha256, long bytes) {
        create(sha256);
        stored = ImageCopies.sized(stored, bytes);
    }

    /** Marks the copy for deletion; the finalizer keeps it. */
    void delete() {
        ImageCopy deleted = copy(stored.getStatus(), stored.getMetadata().getGeneration() + 1);
        stored = ImageCopies.deleted(deleted);
    }

    @Override
    public ImageCopy write(ImageCopy copy, ImageCopyStatus status) {
        if (serverDown) {
            throw new KubernetesClientException("connection refused");
        }
        written.add(status);
        stored = copy(status, stored.getMetadata().getGeneration());
        return stored;
    }

    private ImageCopy copy(ImageCopyStatus status, long generation) {
        ImageCopy made = new ImageCopy();
        made.setMetadata(new ObjectMetaBuilder(stored.getMetadata())
                .withResourceVersion(
                        Long.toString(Long.parseLong(stored.getMetadata().getResourceVersion()) + 1))
                .withGeneration(generation)
                .build());
        made.setSpec(stored.getSpec());
        made.setStatus(status);
        return made;
    }

    /** Runs passes until none is due at once. */
    Duration pass() {
        Duration next = agent.run(ImageCopies.UID, () -> Optional.of(own())).orElse(NEVER);
        return next.isZero() ? pass() : next;
    }

    /** Like {@link #pass}, repeated with a new agent as long as the agent dies. */
    void passUntilItRuns() {
        FailpointFolder.untilItRuns(this::pass, this::restartAgent);
    }

    void arm(Failpoint point) {
        failpoints.arm(point);
    }

    boolean isArmed(Failpoint point) {
        return failpoints.isArmed(point);
    }

    void later(Duration time) {
        now = now.plus(time);
    }

    ImageCopyStatus status() {
        return stored.getStatus();
    }

    String reason() {
        return ImportStatus.reported(stored).orElseThrow().getReason();
    }

    String message() {
        return ImportStatus.reported(stored).orElseThrow().getMessage();
    }

    /** Every file below the folder of images, by name. */
    List<String> files() {
        try (Stream<Path> tree = Files.walk(location.resolve(".images"))) {
            return tree.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Inspects only the location itself, because a test's folder is below other users' folders. */
    private PathFacts restricted(Path path) {
        if (path.startsWith(location)) {
            return new DiskPathInspector().inspect(path);
        }
        return PathFactsBuilder.builder()
                .path(path)
                .kind(PathFacts.Kind.FOLDER)
                .owner(account.administrator().getName())
                .group("root")
                .mode(0755)
                .accessList(false)
                .build();
    }
}
