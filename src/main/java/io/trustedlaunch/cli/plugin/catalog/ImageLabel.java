package io.trustedlaunch.cli.plugin.catalog;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.trustedlaunch.api.image.GuestImageSpec.Identifier;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.catalog.Architecture;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The fields of a catalog's image that are not in its file: from options, or from a YAML file beside it. May be null. */
public final class ImageLabel {
    /** The label of {@code ws2022.vhdx} is {@code ws2022.vhdx.yaml}. */
    static final String SUFFIX = ".yaml";

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .visibility(PropertyAccessor.FIELD, Visibility.ANY)
            .defaultSetterInfo(JsonSetter.Value.forValueNulls(Nulls.SKIP))
            .build();

    @Option(names = "--publisher", paramLabel = "NAME", description = "Publisher of the images.")
    String publisher;

    @Option(names = "--offer", paramLabel = "NAME", description = "Offer of the images.")
    String offer;

    @Option(names = "--sku", paramLabel = "NAME", description = "SKU of the images.")
    String sku;

    @Option(names = "--image-version", paramLabel = "VERSION", description = "Version of the images.")
    String version;

    @Option(names = "--os-type", description = "Operating system of the images: ${COMPLETION-CANDIDATES}.")
    OsType osType;

    @Option(names = "--generation", description = "Firmware of the images: 1 is BIOS, 2 is UEFI.")
    Integer generation;

    @Option(names = "--architecture", description = "Architecture of the images: ${COMPLETION-CANDIDATES}.")
    Architecture architecture;

    /** Of an image that was made from a VM of this project: those have UEFI, and one architecture. */
    public static ImageLabel ofVm(Identifier identifier, String version, OsType osType) {
        ImageLabel label = new ImageLabel();
        label.publisher = identifier.publisher();
        label.offer = identifier.offer();
        label.sku = identifier.sku();
        label.version = version;
        label.osType = osType;
        label.generation = 2;
        label.architecture = Architecture.x64;
        return label;
    }

    /** The file for the label of this image. */
    public static Path of(Path image) {
        return image.resolveSibling(image.getFileName() + SUFFIX);
    }

    /** As it is read from a file. */
    public String toYaml() {
        try {
            return YAML.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }

    /** This label, with the fields replaced that the file beside the image has. */
    ImageLabel forImage(Path image) {
        Path file = of(image);
        ImageLabel label = YAML.convertValue(this, ImageLabel.class);
        if (!Files.isRegularFile(file)) {
            return label;
        }
        try {
            YAML.readerForUpdating(label).readValue(Files.readString(file));
            return label;
        } catch (IOException e) {
            throw new CommandException(FileErrors.message("read", file, e));
        }
    }
}
