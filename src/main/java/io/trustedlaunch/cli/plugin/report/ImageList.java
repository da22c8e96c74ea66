package io.trustedlaunch.cli.plugin.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestImage;
import io.trustedlaunch.api.GuestImageStatus;
import io.trustedlaunch.cli.CommandException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The images of a cluster as text: those that VMs can be made from now, and why the others cannot be. */
public final class ImageList {
    private static final String NOT_LOOKED_AT = "not looked at yet: is the operator running?";

    private final List<GuestImage> images;

    public ImageList(List<GuestImage> images) {
        this.images = images.stream()
                .sorted(Comparator.comparing(image -> image.getMetadata().getName()))
                .toList();
    }

    public List<GuestImage> usable() {
        return images.stream().filter(ImageList::isUsable).toList();
    }

    /** @throws CommandException saying what refused the image, or that there is none */
    public void requireUsable(String name) {
        GuestImage found = images.stream()
                .filter(image -> image.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new CommandException("GuestImage " + name + " does not exist"));
        if (!isUsable(found)) {
            throw new CommandException("GuestImage " + name + " cannot be used: " + why(found)
                    + "; kubectl tlvm images lists those that can");
        }
    }

    static boolean isUsable(GuestImage image) {
        return ready(image).filter(ready -> ready.getStatus().equals("True")).isPresent();
    }

    /** What allowed the image, or what refused it. */
    static String why(GuestImage image) {
        return ready(image)
                .filter(ready -> !isUsable(image))
                .or(() -> condition(image, ConditionType.Eligible))
                .map(Condition::getMessage)
                .orElse(NOT_LOOKED_AT);
    }

    public String usableTable() {
        if (usable().isEmpty()) {
            return nothing();
        }
        return table(usable(), List.of(NAME, OS, SKU, PROVENANCE, SIZE));
    }

    public String wholeTable() {
        return images.isEmpty()
                ? nothing()
                : table(images, List.of(NAME, OS, SKU, PROVENANCE, SIZE, USABLE, new Column("WHY", ImageList::why)));
    }

    /** As the portal's list is blank, but with the reasons. */
    private String nothing() {
        StringBuilder text = new StringBuilder("No image can be used for a trusted launch VM now.\n");
        if (images.isEmpty()) {
            return text.append("There is no GuestImage: an administrator makes one for each image.\n")
                    .toString();
        }
        Map<String, List<GuestImage>> byReason =
                images.stream().collect(Collectors.groupingBy(ImageList::reason, TreeMap::new, Collectors.toList()));
        byReason.forEach((reason, refused) -> text.append("%s (%s): %s%n"
                .formatted(
                        reason,
                        refused.stream()
                                .map(image -> image.getMetadata().getName())
                                .collect(Collectors.joining(", ")),
                        why(refused.getFirst()))));
        return text.append("kubectl tlvm images --all has each with what refused it.\n")
                .toString();
    }

    private static String reason(GuestImage image) {
        return ready(image).map(Condition::getReason).orElse("Unknown");
    }

    private static Optional<Condition> ready(GuestImage image) {
        return condition(image, ConditionType.Ready);
    }

    private static Optional<Condition> condition(GuestImage image, ConditionType type) {
        return Optional.ofNullable(image.getStatus()).map(GuestImageStatus::conditions).orElse(List.of()).stream()
                .filter(condition -> condition.getType().equals(type.name()))
                .findFirst();
    }

    private record Column(String title, Function<GuestImage, String> value) {
        int width(List<GuestImage> rows) {
            return Math.max(
                    title.length(),
                    rows.stream().map(value).mapToInt(String::length).max().orElse(0));
        }
    }

    private static final Column NAME =
            new Column("NAME", image -> image.getMetadata().getName());
    private static final Column OS =
            new Column("OS", image -> image.getSpec().osType().name());
    private static final Column SKU =
            new Column("SKU", image -> image.getSpec().identifier().sku());
    private static final Column PROVENANCE =
            new Column("PROVENANCE", image -> status(image, status -> status.provenance()));
    private static final Column SIZE = new Column("SIZE", image -> status(image, GuestImageStatus::size));
    private static final Column USABLE = new Column("USABLE", image -> isUsable(image) ? "yes" : "no");

    private static String status(GuestImage image, Function<GuestImageStatus, Object> field) {
        return Optional.ofNullable(image.getStatus())
                .map(field)
                .map(Object::toString)
                .orElse("-");
    }

    private static String table(List<GuestImage> rows, List<Column> columns) {
        StringBuilder text = new StringBuilder(row(columns, rows, Column::title));
        rows.forEach(
                image -> text.append(row(columns, rows, column -> column.value().apply(image))));
        return text.toString();
    }

    private static String row(List<Column> columns, List<GuestImage> rows, Function<Column, String> cell) {
        return columns.stream()
                        .map(column -> String.format("%-" + column.width(rows) + "s", cell.apply(column)))
                        .collect(Collectors.joining("   "))
                        .stripTrailing()
                + System.lineSeparator();
    }
}
