package io.trustedlaunch.cli.plugin.catalog;

import io.trustedlaunch.api.GuestImageSpec.Identifier;
import io.trustedlaunch.api.OsType;
import io.trustedlaunch.catalog.Architecture;
import io.trustedlaunch.catalog.CatalogDocument;
import io.trustedlaunch.catalog.CatalogImage;
import io.trustedlaunch.cli.CommandException;
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

/** A catalog of the images in a folder. What nobody said of them stands there empty, and no catalog with it is accepted. */
final class CatalogDraft {
    private final ImageLabel common;
    private final Consumer<String> remarks;

    /** @param common what holds of every image that has no other word beside it */
    CatalogDraft(ImageLabel common, Consumer<String> remarks) {
        this.common = common;
        this.remarks = remarks;
    }

    CatalogDocument of(Path folder, long serial, Instant expires) {
        List<CatalogImage> images = new ArrayList<>();
        for (Path file : files(folder)) {
            image(file).ifPresent(images::add);
        }
        return new CatalogDocument(CatalogDocument.FORMAT, serial, expires.toString(), images);
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .filter(file -> !file.toString().endsWith(ImageLabel.SUFFIX))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new CommandException(folder + " cannot be listed: " + e.getMessage());
        }
    }

    private Optional<CatalogImage> image(Path file) {
        try {
            Optional<ImageFile> read = ImageFile.read(file);
            if (read.isEmpty()) {
                remarks.accept(file + ": no disk image, left out");
            }
            return read.map(found -> image(file, found));
        } catch (IOException e) {
            throw new CommandException(file + " cannot be read: " + e.getMessage());
        }
    }

    private CatalogImage image(Path file, ImageFile found) {
        ImageLabel label = ImageLabel.beside(file).map(own -> own.or(common)).orElse(common);
        List<String> missing = new ArrayList<>();
        CatalogImage image = new CatalogImage(
                new Identifier(
                        orEmpty("publisher", label.publisher(), missing),
                        orEmpty("offer", label.offer(), missing),
                        orEmpty("sku", label.sku(), missing)),
                orEmpty("version", label.version(), missing),
                found.sha256(),
                found.size(),
                found.format(),
                Optional.ofNullable(label.osType()).orElseGet(() -> guessed("osType", OsType.Linux, missing)),
                Optional.ofNullable(label.generation()).orElseGet(() -> guessed("generation", 2, missing)),
                Optional.ofNullable(label.architecture())
                        .orElseGet(() -> guessed("architecture", Architecture.x64, missing)));
        remarks.accept(file + ": " + found.format() + ", " + found.sha256()
                + (missing.isEmpty() ? "" : "; to be looked at: " + String.join(", ", missing)));
        return image;
    }

    private static String orEmpty(String field, String value, List<String> missing) {
        if (value == null || value.isBlank()) {
            missing.add(field);
            return "";
        }
        return value;
    }

    private static <T> T guessed(String field, T guess, List<String> missing) {
        missing.add(field + " (" + guess + " is a guess)");
        return guess;
    }
}
