package io.trustedlaunch.cli.plugin.catalog;

import io.trustedlaunch.catalog.Catalog;
import io.trustedlaunch.catalog.CatalogReading;
import io.trustedlaunch.catalog.MalformedCatalogException;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.custody.CatalogSigner;
import java.io.IOException;
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
        description = "Read a catalog, and its signature if a key is given, as the operator would.",
        mixinStandardHelpOptions = true)
final class CatalogCheckCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "CATALOG.json")
    private Path file;

    @ArgGroup(exclusive = false)
    private Signed signed;

    /** What a signature is checked with. */
    static final class Signed {
        @Option(names = "--key", required = true, paramLabel = "PUBLIC.pem")
        private Path key;

        @Option(names = "--signature", required = true, paramLabel = "FILE")
        private Path signature;
    }

    @Override
    public void run() {
        try {
            byte[] content = Files.readAllBytes(file);
            String signer = signed == null ? "signature not looked at" : "signed by key " + signer(content);
            Catalog catalog = CatalogReading.read(content);
            if (catalog.isExpiredAt(Clock.systemUTC().instant())) {
                throw new CommandException(file + " expired at " + catalog.expires());
            }
            spec.commandLine()
                    .getOut()
                    .println("serial " + catalog.serial() + ", "
                            + catalog.images().size() + " listed, until " + catalog.expires() + ", " + signer);
        } catch (MalformedCatalogException e) {
            throw new CommandException(file + " " + e.getMessage());
        } catch (IOException e) {
            throw new CommandException("cannot be read: " + e.getMessage());
        }
    }

    private String signer(byte[] content) throws IOException {
        try {
            CatalogSigner key = CatalogSigner.fromPem(Files.readString(signed.key));
            return CatalogSigner.decode(Files.readString(signed.signature))
                    .filter(signature -> key.signed(content, signature))
                    .map(signature -> key.keyId())
                    .orElseThrow(() -> new CommandException(
                            signed.signature + " is no signature of " + file + " by the key in " + signed.key));
        } catch (IllegalArgumentException e) {
            throw new CommandException(signed.key + " " + e.getMessage());
        }
    }
}
