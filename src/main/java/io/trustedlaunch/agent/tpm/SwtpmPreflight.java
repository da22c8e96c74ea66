package io.trustedlaunch.agent.tpm;

import io.trustedlaunch.process.Command;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes a TPM and probes it, to check that encrypted TPMs work on this host. A missing package, a security module that
 * denies swtpm its files, or a certificate authority that it cannot write is found here, and not when a VM starts.
 */
public final class SwtpmPreflight {
    private static final Pattern VERSION = Pattern.compile("version (\\d+(?:\\.\\d+)*)");
    private static final Duration VERSION_TIMEOUT = Duration.ofSeconds(10);

    private final SwtpmTools tools;
    private final SwtpmFactory factory;
    private final Path privateRoot;
    private final SecureRandom random;
    private final Supplier<UUID> names;

    public SwtpmPreflight(
            SwtpmTools tools, SwtpmFactory factory, Path privateRoot, SecureRandom random, Supplier<UUID> names) {
        this.tools = tools;
        this.factory = factory;
        this.privateRoot = privateRoot;
        this.random = random;
        this.names = names;
    }

    /** Throws {@link TpmException} with a message for the node's condition. */
    public SwtpmFacts prove() {
        String version = version();
        byte[] key = new byte[32];
        random.nextBytes(key);
        UUID name = names.get();
        byte[] passphrase = HexFormat.of().formatHex(key).getBytes(StandardCharsets.US_ASCII);
        try (TpmSecret secret = TpmSecret.of(passphrase);
                PrivateFolder folder = tools.privateFolder(privateRoot.resolve("preflight-" + name))) {
            factory.manufacture(name, folder.path().resolve(name.toString()), secret);
        }
        return new SwtpmFacts(version, Libtpms.of(tools.swtpm()));
    }

    private String version() {
        Command.Result result;
        try {
            result = Command.of(VERSION_TIMEOUT, tools.swtpm(), "--version").run();
        } catch (UncheckedIOException e) {
            throw new TpmException(new TpmFailure.ToolFailed(e.getMessage()), e);
        }
        Matcher matcher = VERSION.matcher(result.output());
        if (!matcher.find()) {
            throw new TpmException(
                    new TpmFailure.ToolFailed("swtpm --version printed no version: " + result.outputTail()));
        }
        return matcher.group(1);
    }
}
