package io.trustedlaunch.cli.plugin.catalog;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.trustedlaunch.api.OsType;
import io.trustedlaunch.catalog.Architecture;
import io.trustedlaunch.cli.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What somebody says of an image, in options or in a file beside it; every field may be missing. */
record ImageLabel(
        String publisher,
        String offer,
        String sku,
        String version,
        OsType osType,
        Integer generation,
        Architecture architecture) {

    /** Of the file with it: {@code ws2022.vhdx.yaml} for {@code ws2022.vhdx}. */
    static final String SUFFIX = ".yaml";

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .build();

    /** Empty where there is none. */
    static Optional<ImageLabel> beside(Path image) {
        Path file = image.resolveSibling(image.getFileName() + SUFFIX);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(YAML.readValue(Files.readString(file), ImageLabel.class));
        } catch (IOException e) {
            throw new CommandException(file + " cannot be read: " + e.getMessage());
        }
    }

    /** The same, with what is missing taken from another. */
    ImageLabel or(ImageLabel other) {
        return new ImageLabel(
                first(publisher, other.publisher),
                first(offer, other.offer),
                first(sku, other.sku),
                first(version, other.version),
                first(osType, other.osType),
                first(generation, other.generation),
                first(architecture, other.architecture));
    }

    private static <T> T first(T one, T other) {
        return one == null ? other : one;
    }
}
