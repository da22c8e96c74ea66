package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Schemas;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.GuestImageSpec.FileSource;
import io.trustedlaunch.api.image.GuestImageSpec.Identifier;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.catalog.ImageFile;
import io.trustedlaunch.cli.plugin.catalog.ImageLabel;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** What a captured image is to be called. */
final class CapturedImageNames {
    private static final Pattern IDENTIFIER = Pattern.compile(Schemas.IDENTIFIER);

    @Option(names = "--publisher", paramLabel = "NAME", required = true, description = "Publisher of the image.")
    private String publisher;

    @Option(names = "--offer", paramLabel = "NAME", required = true, description = "Offer of the image.")
    private String offer;

    @Option(names = "--sku", paramLabel = "NAME", required = true, description = "SKU of the image.")
    private String sku;

    @Option(names = "--image-version", paramLabel = "VERSION", required = true, description = "Version of the image.")
    private String version;

    @Option(
            names = "--os-type",
            required = true,
            description = "Operating system of the image: ${COMPLETION-CANDIDATES}.")
    private OsType osType;

    @Option(names = "--name", paramLabel = "NAME", description = "Name of the GuestImage. Default: that of the VM.")
    private String name;

    @Option(
            names = "--storage-location",
            paramLabel = "LOCATION",
            defaultValue = "default",
            description = "StorageLocation of the GuestImage's source: the file is to lie there, in its folder images."
                    + " Default: ${DEFAULT-VALUE}.")
    private String storageLocation;

    /** Before a disk is read for hours. */
    void requireValid() {
        Map.of("--publisher", publisher, "--offer", offer, "--sku", sku, "--image-version", version)
                .forEach((option, value) -> {
                    if (!IDENTIFIER.matcher(value).matches()) {
                        throw new CommandException(option + " " + value
                                + " is not possible: it has letters, digits, and" + " between them '-', '.' and '_'");
                    }
                });
    }

    ImageLabel label() {
        return ImageLabel.ofVm(identifier(), version, osType);
    }

    /** The GuestImage for a copy of the file in the storage location. */
    String manifest(String vm, Path file, ImageFile read) {
        GuestImage image = new GuestImage();
        image.setMetadata(
                new ObjectMetaBuilder().withName(name == null ? vm : name).build());
        String path = "images/" + file.getFileName();
        image.setSpec(GuestImageSpecBuilder.builder()
                .osType(osType)
                .identifier(identifier())
                .version(version)
                .source(new GuestImageSpec.Source(new FileSource(new ObjectRef(storageLocation), path), null, null))
                .sha256(read.sha256())
                .build());
        return "# Copy " + file.getFileName() + " to " + path + " in the folder of StorageLocation " + storageLocation
                + ", or name another source.\n" + ManifestYaml.of(image);
    }

    private Identifier identifier() {
        return new Identifier(publisher, offer, sku);
    }
}
