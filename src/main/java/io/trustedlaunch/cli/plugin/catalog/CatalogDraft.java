package io.trustedlaunch.cli.plugin.catalog;

import io.trustedlaunch.api.image.GuestImageSpec.Identifier;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.catalog.Architecture;
import io.trustedlaunch.catalog.CatalogDocument;
import io.trustedlaunch.catalog.CatalogImage;
import io.trustedlaunch.catalog.CatalogImageBuilder;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A catalog of the images in a folder. Missing names are left empty, so that the operator rejects the draft as it is. */
final class CatalogDraft {
    private final ImageLabel defaults;
    private final Consumer<String> remarks;

    /** @param defaults for images whose own label lacks a field */
    CatalogDraft(ImageLabel defaults, Consumer<String> remarks) {
        this.defaults = defaults;
        this.remarks = remarks;
    }

    CatalogDocument of(Path folder, String name, long serial, Instant expires) {
        List<CatalogImage> images = new ArrayList<>();
        for (Path file : files(folder)) {
            image(file).ifPresent(images::add);
        }
        return new CatalogDocument(CatalogDocument.FORMAT, name, serial, expires.toString(), images);
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .filter(file -> !file.toString().endsWith(ImageLabel.SUFFIX))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new CommandException(FileErrors.message("list", folder, e));
        }
    }

    private Optional<CatalogImage> image(Path file) {
        try {
            Optional<ImageFile> read = ImageFile.read(file);
            if (read.isEmpty()) {
                remarks.accept(file + ": skipped, not a disk image");
            }
            return read.map(found -> image(file, found));
        } catch (IOException e) {
            throw new CommandException(FileErrors.message("read", file, e));
        }
    }

    private CatalogImage image(Path file, ImageFile found) {
        ImageLabel label = defaults.forImage(file);
        List<String> missing = new ArrayList<>();
        List<String> guessed = new ArrayList<>();
        CatalogImage image = CatalogImageBuilder.builder()
                .identifier(new Identifier(
                        orEmpty("publisher", label.publisher, missing),
                        orEmpty("offer", label.offer, missing),
                        orEmpty("sku", label.sku, missing)))
                .version(orEmpty("version", label.version, missing))
                .sha256(found.sha256())
                .size(found.size())
                .format(found.format())
                .osType(orGuess("osType", label.osType, OsType.Linux, guessed))
                .generation(orGuess("generation", label.generation, 2, guessed))
                .architecture(orGuess("architecture", label.architecture, Architecture.x64, guessed))
                .build();
        remarks.accept(file + ": " + found.format() + ", " + found.sha256() + list("missing", missing)
                + list("guessed", guessed));
        return image;
    }

    private static String list(String title, List<String> fields) {
        return fields.isEmpty() ? "" : "; " + title + ": " + String.join(", ", fields);
    }

    private static String orEmpty(String field, String value, List<String> missing) {
        if (value == null || value.isBlank()) {
            missing.add(field);
            return "";
        }
        return value;
    }

    private static <T> T orGuess(String field, T value, T guess, List<String> guessed) {
        if (value != null) {
            return value;
        }
        guessed.add(field + " " + guess);
        return guess;
    }
}
