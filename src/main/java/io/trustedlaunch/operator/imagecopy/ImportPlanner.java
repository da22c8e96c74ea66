package io.trustedlaunch.operator.imagecopy;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestImageSpec;
import io.trustedlaunch.api.GuestImageStatus;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.ImageCopySpec.Envelope;
import io.trustedlaunch.api.ImageCopySpec.FileSource;
import io.trustedlaunch.api.ImageCopySpec.Image;
import io.trustedlaunch.api.ImageCopySpec.Location;
import io.trustedlaunch.api.ImageCopySpec.Source;
import io.trustedlaunch.api.ImageCopySpecBuilder;
import io.trustedlaunch.api.ImageCopyStatus;
import io.trustedlaunch.operator.image.PullCredentialsFacts;
import io.trustedlaunch.operator.imagecopy.ImportStep.Make;
import io.trustedlaunch.operator.imagecopy.ImportStep.RemoveEnvelope;
import io.trustedlaunch.operator.imagecopy.ImportStep.Resize;
import io.trustedlaunch.operator.imagecopy.ImportStep.Seal;
import io.trustedlaunch.operator.imagecopy.ImportStep.Settled;
import io.trustedlaunch.operator.imagecopy.ImportStep.Watch;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * One copy in each folder that a first start waits at: made by the agent of the VM's node, unless one whose folder that is,
 * too, has it or is at it.
 */
final class ImportPlanner {
    private final ImportFacts facts;

    private ImportPlanner(ImportFacts facts) {
        this.facts = facts;
    }

    static ImportStep plan(ImportFacts facts) {
        return new ImportPlanner(facts).next();
    }

    private ImportStep next() {
        Optional<ImportStep> ofOne = facts.copies().stream()
                .filter(copy -> !copy.isMarkedForDeletion())
                .flatMap(copy -> ofSize(copy).or(() -> ofEnvelope(copy)).stream())
                .findFirst();
        return ofOne.orElseGet(this::ofCopies);
    }

    /** A wrong size that a catalog had holds up nothing once it is mended there. */
    private Optional<ImportStep> ofSize(ImageCopy copy) {
        return isReady(copy) || Objects.equals(copy.getSpec().size(), size())
                ? Optional.empty()
                : Optional.of(new Resize(copy, size()));
    }

    private Optional<ImportStep> ofEnvelope(ImageCopy copy) {
        Envelope envelope = copy.getSpec().envelope();
        if (isReady(copy)) {
            return envelope == null ? Optional.empty() : Optional.of(new RemoveEnvelope(copy));
        }
        return facts.credentials() instanceof PullCredentialsFacts.Found
                ? seal(copy.getSpec().nodeName())
                        .filter(from -> envelope == null || !envelope.from().equals(from))
                        .map(from -> new Seal(copy, from))
                : Optional.empty();
    }

    private Optional<String> seal(String node) {
        return Optional.ofNullable(facts.seals().get(node));
    }

    private ImportStep ofCopies() {
        Optional<Source> source = source(facts.image().getSpec().source());
        List<FirstStart> unserved =
                facts.starts().stream().filter(start -> !isServed(start)).toList();
        Optional<FirstStart> next = unserved.stream()
                .filter(start -> source.isPresent())
                .filter(start -> !isInTheWay(start))
                .filter(this::canBeMade)
                .min(Comparator.comparing(FirstStart::nodeName).thenComparing(FirstStart::locationName));
        if (next.isPresent()) {
            boolean sealed = facts.credentials() instanceof PullCredentialsFacts.Found;
            return new Make(
                    copy(next.get(), source.get()), sealed ? seal(next.get().nodeName()) : Optional.empty());
        }
        return unserved.isEmpty() && facts.starts().stream().allMatch(this::hasCopy) ? new Settled() : new Watch();
    }

    private boolean canBeMade(FirstStart start) {
        return switch (facts.credentials()) {
            case PullCredentialsFacts.NotNeeded notNeeded -> true;
            case PullCredentialsFacts.Found found -> seal(start.nodeName()).isPresent();
            case PullCredentialsFacts.Unusable unusable -> false;
        };
    }

    private boolean isServed(FirstStart start) {
        return copiesFor(start)
                .filter(copy -> !copy.isMarkedForDeletion())
                .anyMatch(copy -> isAtTheNode(copy, start) || isReady(copy) || isAlive(copy));
    }

    private boolean hasCopy(FirstStart start) {
        return copiesFor(start).anyMatch(ImportPlanner::isReady);
    }

    /** What is being removed takes the file of the next one along. */
    private boolean isInTheWay(FirstStart start) {
        return copiesFor(start)
                .filter(ImageCopy::isMarkedForDeletion)
                .anyMatch(copy -> isAtTheNode(copy, start) || isAlive(copy));
    }

    private Stream<ImageCopy> copiesFor(FirstStart start) {
        return facts.copies().stream()
                .filter(copy -> copy.getSpec().storageLocation().equals(location(start)))
                .filter(copy -> facts.shared()
                        .areOneFolder(start.locationName(), copy.getSpec().nodeName(), start.nodeName()));
    }

    private boolean isAlive(ImageCopy copy) {
        return facts.alive().contains(copy.getSpec().nodeName());
    }

    private static boolean isAtTheNode(ImageCopy copy, FirstStart start) {
        return copy.getSpec().nodeName().equals(start.nodeName());
    }

    private static boolean isReady(ImageCopy copy) {
        return Optional.ofNullable(copy.getStatus()).map(ImageCopyStatus::conditions).filter(Objects::nonNull).stream()
                .flatMap(List::stream)
                .anyMatch(condition -> condition.getType().equals(ConditionType.Ready.name())
                        && condition.getStatus().equals("True"));
    }

    /** Empty where the file's location is not there: the image's own status says so. */
    private Optional<Source> source(GuestImageSpec.Source source) {
        if (source.file() == null) {
            return Optional.of(new Source(null, source.https(), source.oci()));
        }
        String location = source.file().storageLocationRef().name();
        return Optional.ofNullable(facts.locations().get(location))
                .map(path -> new Source(
                        new FileSource(
                                new Location(location, path), source.file().path()),
                        null,
                        null));
    }

    private ImageCopy copy(FirstStart start, Source source) {
        String image = facts.image().getMetadata().getUid();
        ImageCopy copy = new ImageCopy();
        copy.setMetadata(new ObjectMetaBuilder()
                .withName(name(image, start))
                .withLabels(Map.of(Api.LABEL_IMAGE_UID, image))
                .withFinalizers(Api.IMAGE_FINALIZER)
                .build());
        copy.setSpec(ImageCopySpecBuilder.builder()
                .image(new Image(facts.image().getMetadata().getName(), image))
                .storageLocation(location(start))
                .nodeName(start.nodeName())
                .source(source)
                .sha256(start.spec().machine().image().sha256())
                .size(size())
                .build());
        return copy;
    }

    private Quantity size() {
        return Optional.ofNullable(facts.image().getStatus())
                .map(GuestImageStatus::size)
                .orElse(null);
    }

    /** Fixed, so that two operators make the same. */
    private static String name(String image, FirstStart start) {
        String place = String.join("\n", start.locationName(), start.locationPath(), start.nodeName());
        return image + "-"
                + UUID.nameUUIDFromBytes(place.getBytes(StandardCharsets.UTF_8))
                        .toString()
                        .substring(0, 8);
    }

    private static Location location(FirstStart start) {
        return new Location(start.locationName(), start.locationPath());
    }
}
