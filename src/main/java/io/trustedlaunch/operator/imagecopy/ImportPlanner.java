package io.trustedlaunch.operator.imagecopy;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.GuestImageStatus;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopySpec.Envelope;
import io.trustedlaunch.api.image.ImageCopySpec.FileSource;
import io.trustedlaunch.api.image.ImageCopySpec.Image;
import io.trustedlaunch.api.image.ImageCopySpec.Location;
import io.trustedlaunch.api.image.ImageCopySpec.Source;
import io.trustedlaunch.api.image.ImageCopySpecBuilder;
import io.trustedlaunch.operator.image.ImageReports;
import io.trustedlaunch.operator.image.PullCredentialsFacts;
import io.trustedlaunch.operator.imagecopy.ImportStep.Create;
import io.trustedlaunch.operator.imagecopy.ImportStep.RemoveEnvelope;
import io.trustedlaunch.operator.imagecopy.ImportStep.Resize;
import io.trustedlaunch.operator.imagecopy.ImportStep.Seal;
import io.trustedlaunch.operator.imagecopy.ImportStep.Settled;
import io.trustedlaunch.operator.imagecopy.ImportStep.Watch;
import io.trustedlaunch.placement.ImageReport;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Plans one copy of the image in each folder that a VM needs it in. The agent of the VM's node imports it, unless
 * another node that shares the folder has it or is importing it.
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
        Optional<ImportStep> change = facts.copies().stream()
                .filter(copy -> !copy.isMarkedForDeletion())
                .flatMap(copy -> resize(copy).or(() -> reseal(copy)).stream())
                .findFirst();
        return change.orElseGet(this::creation);
    }

    /** The catalog may have corrected a wrong size. */
    private Optional<ImportStep> resize(ImageCopy copy) {
        return copy.isTrue(ConditionType.Ready) || Objects.equals(copy.getSpec().size(), size())
                ? Optional.empty()
                : Optional.of(new Resize(copy, size()));
    }

    private Optional<ImportStep> reseal(ImageCopy copy) {
        Envelope envelope = copy.getSpec().envelope();
        if (copy.isTrue(ConditionType.Ready)) {
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

    private ImportStep creation() {
        Optional<Source> source = source(facts.image().getSpec().source());
        List<ImageNeed> waiting =
                facts.needs().stream().filter(need -> !hasImporter(need)).toList();
        Optional<ImageNeed> next = waiting.stream()
                .filter(need -> source.isPresent())
                .filter(need -> !isBlocked(need))
                .filter(need -> facts.enrolled().contains(need.nodeName()))
                .filter(this::canBeCreated)
                .min(Comparator.comparing(ImageNeed::nodeName).thenComparing(ImageNeed::locationName));
        if (next.isPresent()) {
            boolean sealed = facts.credentials() instanceof PullCredentialsFacts.Found;
            return new Create(
                    copy(next.get(), source.get()), sealed ? seal(next.get().nodeName()) : Optional.empty());
        }
        return waiting.isEmpty() && facts.needs().stream().allMatch(this::hasCopy) ? new Settled() : new Watch();
    }

    private boolean canBeCreated(ImageNeed need) {
        return switch (facts.credentials()) {
            case PullCredentialsFacts.NotNeeded notNeeded -> true;
            case PullCredentialsFacts.Found found -> seal(need.nodeName()).isPresent();
            case PullCredentialsFacts.Unusable unusable -> false;
        };
    }

    private boolean hasImporter(ImageNeed need) {
        return copiesFor(need)
                .filter(copy -> !copy.isMarkedForDeletion())
                .anyMatch(copy -> isOnTheNode(copy, need)
                        || copy.isTrue(ConditionType.Ready)
                        || (isAlive(copy) && !lacksTheFile(copy)));
    }

    private boolean hasCopy(ImageNeed need) {
        return copiesFor(need).anyMatch(copy -> copy.isTrue(ConditionType.Ready));
    }

    /** The removal of a copy would delete the file of the next one too. */
    private boolean isBlocked(ImageNeed need) {
        return copiesFor(need)
                .filter(ImageCopy::isMarkedForDeletion)
                .anyMatch(copy -> isOnTheNode(copy, need) || isAlive(copy));
    }

    private Stream<ImageCopy> copiesFor(ImageNeed need) {
        return facts.copies().stream()
                .filter(copy -> copy.getSpec().storageLocation().equals(location(need)))
                .filter(copy -> facts.shared()
                        .areOneFolder(need.locationName(), copy.getSpec().nodeName(), need.nodeName()));
    }

    private boolean isAlive(ImageCopy copy) {
        return facts.alive().contains(copy.getSpec().nodeName());
    }

    /** The source's file may be on the VM's node all the same. */
    private static boolean lacksTheFile(ImageCopy copy) {
        return ImageReports.of(copy)
                .filter(ImageReport.FileMissing.class::isInstance)
                .isPresent();
    }

    private static boolean isOnTheNode(ImageCopy copy, ImageNeed need) {
        return copy.getSpec().nodeName().equals(need.nodeName());
    }

    /** Empty if the file's StorageLocation does not exist; the image's status reports it. */
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

    private ImageCopy copy(ImageNeed need, Source source) {
        String image = facts.image().getMetadata().getUid();
        ImageCopy copy = new ImageCopy();
        copy.setMetadata(new ObjectMetaBuilder()
                .withName(name(image, need))
                .withLabels(Map.of(Api.LABEL_IMAGE_UID, image))
                .withFinalizers(Api.IMAGE_FINALIZER)
                .build());
        copy.setSpec(ImageCopySpecBuilder.builder()
                .image(new Image(facts.image().getMetadata().getName(), image))
                .storageLocation(location(need))
                .nodeName(need.nodeName())
                .source(source)
                .form(form())
                .sha256(need.image().sha256())
                .size(size())
                .build());
        return copy;
    }

    /** Agents that do not know the field take all images for disks. */
    private GuestImageForm form() {
        GuestImageForm form = facts.image().getSpec().formOrDefault();
        return form == GuestImageForm.Disk ? null : form;
    }

    private Quantity size() {
        return facts.image().status().map(GuestImageStatus::size).orElse(null);
    }

    /** Deterministic, so that two operators do not create two copies. */
    private static String name(String image, ImageNeed need) {
        String place = String.join("\n", need.locationName(), need.locationPath(), need.nodeName());
        return image + "-"
                + UUID.nameUUIDFromBytes(place.getBytes(StandardCharsets.UTF_8))
                        .toString()
                        .substring(0, 8);
    }

    private static Location location(ImageNeed need) {
        return new Location(need.locationName(), need.locationPath());
    }
}
