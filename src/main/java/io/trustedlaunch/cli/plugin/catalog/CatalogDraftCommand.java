package io.trustedlaunch.cli.plugin.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.catalog.CatalogDocument;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.FileErrors;
import io.trustedlaunch.cli.plugin.terminal.TextOutput;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Drafts a catalog from a folder of images. */
@Command(
        name = "draft",
        description = {
            "Draft a catalog of the images in a folder.",
            "Size, digest and format are read from each image. The other fields come from a file IMAGE-FILE.yaml beside the"
                    + " image (publisher, offer, sku, version, osType, generation, architecture), or else from the options.",
            "Review the draft, then sign it: cosign sign-blob --key cosign.key --tlog-upload=false"
                    + " --output-signature catalog.json.sig catalog.json"
        },
        mixinStandardHelpOptions = true)
final class CatalogDraftCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FOLDER", description = "Folder with the image files.")
    private Path folder;

    @Mixin
    private ImageLabel defaults;

    @Option(
            names = "--name",
            required = true,
            description =
                    "Name of the catalog, for example contoso/production. An ImageCatalog accepts only the catalog"
                            + " with the name in its spec.catalogName.")
    private String name;

    @Option(
            names = "--serial",
            defaultValue = "1",
            description =
                    "Serial number of the catalog: higher than that of the previous one. Default: ${DEFAULT-VALUE}.")
    private long serial;

    @Option(
            names = "--expires-days",
            paramLabel = "DAYS",
            defaultValue = "365",
            description = "Days until the catalog expires. An expired catalog verifies no image."
                    + " Default: ${DEFAULT-VALUE}.")
    private int expiresDays;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "File to create. Default: standard output.")
    private Path output;

    @Override
    public void run() {
        Instant expires =
                Clock.systemUTC().instant().truncatedTo(ChronoUnit.DAYS).plus(expiresDays, ChronoUnit.DAYS);
        CatalogDocument draft = new CatalogDraft(
                        defaults,
                        remark -> TextOutput.standardError(spec.commandLine()).line(remark))
                .of(folder, name, serial, expires);
        if (output == null) {
            TextOutput.standardOutput(spec.commandLine()).document(draft.toJson());
        } else {
            write(draft.toJson());
        }
    }

    private void write(String json) {
        try {
            Files.writeString(output, json, UTF_8, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            throw new CommandException(FileErrors.exists(output));
        } catch (IOException e) {
            throw new CommandException(FileErrors.message("write", output, e));
        }
    }
}
