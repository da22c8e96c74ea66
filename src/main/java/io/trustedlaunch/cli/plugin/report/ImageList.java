package io.trustedlaunch.cli.plugin.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.image.GuestImageStatus;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.Table.Column;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The images of a cluster as tables, with the reason why an image can or cannot be used. */
public final class ImageList {
    private static final double UNIT = 1024;
    private final List<GuestImage> images;
    private final String namespace;

    /** @param namespace whose VMs are to be made from them */
    public ImageList(List<GuestImage> images, String namespace) {
        this.namespace = namespace;
        this.images = images.stream()
                .sorted(Comparator.comparing(image -> image.getMetadata().getName()))
                .toList();
    }

    /** Those of that form. */
    public ImageList of(GuestImageForm form) {
        return new ImageList(
                images.stream()
                        .filter(image -> image.getSpec().formOrDefault() == form)
                        .toList(),
                namespace);
    }

    public List<GuestImage> usable() {
        return images.stream().filter(this::isUsable).toList();
    }

    /** @throws CommandException if the image cannot be used, has another form, or does not exist */
    public void requireUsable(String name, GuestImageForm form) {
        GuestImage found = images.stream()
                .filter(image -> image.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new CommandException("GuestImage " + name
                        + " does not exist. To list the images that can be used: kubectl tlvm images"));
        if (found.getSpec().formOrDefault() != form) {
            throw new CommandException("GuestImage " + name + " has form "
                    + found.getSpec().formOrDefault() + ", and one of form " + form
                    + " is needed. To list the images that can be used: kubectl tlvm images"
                    + (form == GuestImageForm.Disk
                            ? ". To install a guest from a disc on an empty disk: kubectl tlvm create --empty-disk"
                            : ""));
        }
        if (!isUsable(found)) {
            throw new CommandException("GuestImage " + name
                    + (isReady(found)
                            ? " is not offered to namespace " + namespace
                            : " cannot be used: " + message(found))
                    + ". To list the images that can be used: kubectl tlvm images");
        }
    }

    private boolean isUsable(GuestImage image) {
        return isOffered(image) && isReady(image);
    }

    private boolean isOffered(GuestImage image) {
        return image.getSpec().allows(namespace);
    }

    private static boolean isReady(GuestImage image) {
        return ready(image).filter(Progress::isTrue).isPresent();
    }

    /** Why the image can or cannot be used. */
    private String message(GuestImage image) {
        if (isReady(image) && !isOffered(image)) {
            return "it is not offered to namespace " + namespace
                    + ": ask an administrator to add the namespace to its spec.allowedNamespaces";
        }
        return ready(image)
                .filter(ready -> !isReady(image))
                .or(() -> condition(image, ConditionType.Eligible))
                .map(Condition::getMessage)
                .orElse(StatusReport.NO_STATUS);
    }

    public Text usableTable() {
        if (usable().isEmpty()) {
            return noUsableImages();
        }
        return Table.of(usable(), List.of(NAME, OS, SKU, PROVENANCE, SIZE));
    }

    public Text wholeTable() {
        return images.isEmpty()
                ? noUsableImages()
                : Table.of(
                        images,
                        List.of(
                                NAME,
                                OS,
                                SKU,
                                PROVENANCE,
                                SIZE,
                                new Column<>("USABLE", image -> isUsable(image) ? "yes" : "no"),
                                new Column<>("MESSAGE", this::message)));
    }

    private Text noUsableImages() {
        List<String> lines = new ArrayList<>();
        lines.add("No image can be used for a trusted launch VM.");
        if (images.isEmpty()) {
            lines.add("No GuestImage exists: ask an administrator to create one for each image.");
            return new Text(lines);
        }
        Map<String, List<GuestImage>> byReason =
                images.stream().collect(Collectors.groupingBy(this::reason, TreeMap::new, Collectors.toList()));
        byReason.forEach((reason, refused) -> lines.add("%s (%s): %s"
                .formatted(
                        reason,
                        refused.stream()
                                .map(image -> image.getMetadata().getName())
                                .collect(Collectors.joining(", ")),
                        message(refused.getFirst()))));
        lines.add("To list all images with their messages: kubectl tlvm images --all");
        return new Text(lines);
    }

    private String reason(GuestImage image) {
        if (isReady(image) && !isOffered(image)) {
            return Reason.NamespaceNotAllowed.name();
        }
        return ready(image).map(Condition::getReason).orElse("Unknown");
    }

    private static Optional<Condition> ready(GuestImage image) {
        return condition(image, ConditionType.Ready);
    }

    private static Optional<Condition> condition(GuestImage image, ConditionType type) {
        return image.status().map(GuestImageStatus::conditions).flatMap(type::in);
    }

    private static final Column<GuestImage> NAME =
            new Column<>("NAME", image -> image.getMetadata().getName());
    private static final Column<GuestImage> OS =
            new Column<>("OS", image -> image.getSpec().osType().name());
    private static final Column<GuestImage> SKU =
            new Column<>("SKU", image -> image.getSpec().identifier().sku());
    private static final Column<GuestImage> PROVENANCE =
            new Column<>("PROVENANCE", image -> status(image, status -> status.provenance()));
    private static final Column<GuestImage> SIZE = new Column<>(
            "SIZE",
            image -> status(
                    image,
                    status -> Optional.ofNullable(status.size())
                            .map(size -> size(ByteSize.of(size)))
                            .orElse(null)));

    /** The size in the unit that people would take, with one decimal. */
    static String size(long bytes) {
        double left = bytes;
        for (String unit : List.of("", "Ki", "Mi", "Gi")) {
            if (left < UNIT) {
                return unit.isEmpty() ? Long.toString(bytes) : String.format(Locale.ROOT, "%.1f%s", left, unit);
            }
            left /= UNIT;
        }
        return String.format(Locale.ROOT, "%.1fTi", left);
    }

    private static String status(GuestImage image, Function<GuestImageStatus, Object> field) {
        return image.status().map(field).map(Object::toString).orElse("-");
    }
}
