package io.trustedlaunch.cli.plugin.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.api.OsType;
import io.trustedlaunch.catalog.Architecture;
import io.trustedlaunch.catalog.CatalogDocument;
import io.trustedlaunch.cli.CommandException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Drafts a catalog from a folder of images. */
@Command(
        name = "draft",
        description = {
            "Draft a catalog of the images in a folder: sizes, digests and formats from the files, the rest from the options,"
                    + " or from IMAGE-FILE.yaml beside each (publisher, offer, sku, version, osType, generation,"
                    + " architecture).",
            "Look at it, then sign it: cosign sign-blob --key cosign.key --tlog-upload=false"
                    + " --output-signature catalog.json.sig catalog.json"
        },
        mixinStandardHelpOptions = true)
final class CatalogDraftCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FOLDER")
    private Path folder;

    @Option(names = "--publisher")
    private String publisher;

    @Option(names = "--offer")
    private String offer;

    @Option(names = "--sku")
    private String sku;

    @Option(names = "--image-version", paramLabel = "VERSION")
    private String version;

    @Option(names = "--os-type", description = "${COMPLETION-CANDIDATES}")
    private OsType osType;

    @Option(names = "--generation", description = "1 has a BIOS, 2 has UEFI.")
    private Integer generation;

    @Option(names = "--architecture", description = "${COMPLETION-CANDIDATES}")
    private Architecture architecture;

    @Option(
            names = "--serial",
            defaultValue = "1",
            description = "Higher than of the catalog before. Default: ${DEFAULT-VALUE}.")
    private long serial;

    @Option(
            names = "--expires-days",
            paramLabel = "DAYS",
            defaultValue = "365",
            description = "Then it vouches for nothing any more. Default: ${DEFAULT-VALUE}.")
    private int expiresDays;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "A new file. Default: standard output.")
    private Path output;

    @Override
    public void run() {
        ImageLabel common = new ImageLabel(publisher, offer, sku, version, osType, generation, architecture);
        Instant expires =
                Clock.systemUTC().instant().truncatedTo(ChronoUnit.DAYS).plus(expiresDays, ChronoUnit.DAYS);
        CatalogDocument draft = new CatalogDraft(
                        common, remark -> spec.commandLine().getErr().println(remark))
                .of(folder, serial, expires);
        if (output == null) {
            spec.commandLine().getOut().print(draft.toJson());
            spec.commandLine().getOut().flush();
        } else {
            write(draft.toJson());
        }
    }

    private void write(String json) {
        try {
            Files.writeString(output, json, UTF_8, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            throw new CommandException(output + " exists, and is not overwritten");
        } catch (IOException e) {
            throw new CommandException(output + " cannot be written: " + e.getMessage());
        }
    }
}
