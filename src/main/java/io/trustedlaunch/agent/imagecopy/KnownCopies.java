package io.trustedlaunch.agent.imagecopy;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.agent.disks.VerifiedImage;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.ImageCopyStatus;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationSpec.Image;
import io.trustedlaunch.api.VMIncarnationSpec.Location;
import io.trustedlaunch.api.VMIncarnationSpec.Machine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Looks for the file, and where it is not there, for whoever is to bring it. */
final class KnownCopies implements Images {
    /** Most imports are over before anybody asks why there is a wait. */
    private static final Duration UNSPOKEN = Duration.ofSeconds(10);

    private static final long STEP = 10;

    private final Supplier<List<ImageCopy>> copies;
    private final String nodeName;
    private final InstantSource clock;
    private final Map<Wish, Instant> since = new ConcurrentHashMap<>();

    private record Wish(Image image, Location location) {}

    KnownCopies(Supplier<List<ImageCopy>> copies, String nodeName, InstantSource clock) {
        this.copies = copies;
        this.nodeName = nodeName;
        this.clock = clock;
    }

    @Override
    public Finding look(Machine machine) {
        Wish wish = new Wish(machine.image(), machine.location());
        Optional<VerifiedImage> found = find(wish);
        if (found.isPresent()) {
            since.remove(wish);
            return new Finding.Found(found.get());
        }
        Instant first = since.computeIfAbsent(wish, key -> clock.instant());
        boolean worthAWord = !clock.instant().isBefore(first.plus(UNSPOKEN));
        return new Finding.Awaited(told(wish).or(() -> worthAWord ? Optional.of(untold(wish)) : Optional.empty()));
    }

    private static Optional<VerifiedImage> find(Wish wish) {
        if (wish.image().uid() == null) {
            return Optional.empty();
        }
        try {
            return new CopyFolder(Path.of(wish.location().path()))
                    .find(UUID.fromString(wish.image().uid()));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot look for the copy of image " + wish.image().name(), e);
        }
    }

    /** What its agent has said of it, so far as it is no news of success. */
    private Optional<Word> told(Wish wish) {
        return copy(wish)
                .flatMap(copy -> CopyStatus.told(copy)
                        .filter(condition -> !condition.getStatus().equals("True"))
                        .map(condition ->
                                new Word(reason(condition), condition.getMessage() + tens(copy.getStatus()))));
    }

    private Word untold(Wish wish) {
        String what = "a copy of image " + wish.image().name() + " in storage location "
                + wish.location().name();
        return copy(wish)
                .map(copy -> new Word(
                        Reason.ImageImporting,
                        "node " + copy.getSpec().nodeName()
                                + (CopyStatus.told(copy).isPresent()
                                        ? " has " + what + ", which is not to be seen here yet"
                                        : " is to make " + what)))
                .orElseGet(() -> new Word(
                        Reason.ImageCopyPending,
                        "nobody was told yet to make " + what + ": GuestImage "
                                + wish.image().name() + " says what is in the way"));
    }

    /** This node's own first: what another one makes may come to be in another folder. */
    private Optional<ImageCopy> copy(Wish wish) {
        return copies.get().stream()
                .filter(copy -> copy.getSpec().image().uid().equals(wish.image().uid()))
                .filter(copy -> copy.getSpec()
                        .storageLocation()
                        .path()
                        .equals(wish.location().path()))
                .min(Comparator.<ImageCopy, Boolean>comparing(
                                copy -> !copy.getSpec().nodeName().equals(nodeName))
                        .thenComparing(copy -> copy.getMetadata().getName()));
    }

    /** Each of them is a write to the API server for each VM that waits. */
    private static String tens(ImageCopyStatus status) {
        return status.progressPercent() == null || status.size() == null
                ? ""
                : ": " + status.progressPercent() / STEP * STEP + " % of " + (ByteSize.of(status.size()) >> 20)
                        + " MiB";
    }

    private static Reason reason(Condition condition) {
        return Arrays.stream(Reason.values())
                .filter(reason -> reason.name().equals(condition.getReason()))
                .findFirst()
                .orElse(Reason.ImageImporting);
    }
}
