package io.trustedlaunch.cli.plugin.catalog;

import io.trustedlaunch.catalog.Catalog;
import io.trustedlaunch.catalog.CatalogReading;
import io.trustedlaunch.catalog.MalformedCatalogException;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.FileErrors;
import io.trustedlaunch.cli.plugin.terminal.TextOutput;
import io.trustedlaunch.custody.CatalogSigner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads a catalog as the operator does. */
@Command(
        name = "check",
        description = "Check a catalog as the operator does. With --key and --signature, check its signature too.",
        mixinStandardHelpOptions = true)
final class CatalogCheckCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "CATALOG.json", description = "File with the catalog.")
    private Path file;

    @ArgGroup(exclusive = false)
    private Signed signed;

    /** The key and the signature. */
    static final class Signed {
        @Option(
                names = "--key",
                required = true,
                paramLabel = "PUBLIC.pem",
                description = "File with the signer's public key.")
        private Path key;

        @Option(
                names = "--signature",
                required = true,
                paramLabel = "FILE",
                description = "File with the signature in base64.")
        private Path signature;
    }

    @Override
    public void run() {
        byte[] content = read(file);
        String signature = signed == null ? "signature not checked" : "signed by key " + signer(content);
        Catalog catalog = catalog(content);
        if (catalog.isExpiredAt(Clock.systemUTC().instant())) {
            throw new CommandException(file + " expired at " + catalog.expires()
                    + ": draft and sign a new catalog with a serial higher than " + catalog.serial());
        }
        TextOutput.standardOutput(spec.commandLine())
                .line(file + " is valid: name " + catalog.name() + ", serial " + catalog.serial() + ", images: "
                        + catalog.images().size() + ", expires " + catalog.expires() + ", " + signature);
    }

    private Catalog catalog(byte[] content) {
        try {
            return CatalogReading.read(content);
        } catch (MalformedCatalogException e) {
            throw new CommandException(file + " " + e.getMessage());
        }
    }

    private String signer(byte[] content) {
        CatalogSigner key = key();
        return CatalogSigner.decode(new String(read(signed.signature), StandardCharsets.UTF_8))
                .filter(signature -> key.signed(content, signature))
                .map(signature -> key.keyId())
                .orElseThrow(() -> new CommandException("the signature in " + signed.signature + " was not made for "
                        + file + " by the key in " + signed.key));
    }

    private CatalogSigner key() {
        try {
            return CatalogSigner.fromPem(new String(read(signed.key), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw new CommandException(signed.key + " " + e.getMessage());
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new CommandException(FileErrors.message("read", file, e));
        }
    }
}
