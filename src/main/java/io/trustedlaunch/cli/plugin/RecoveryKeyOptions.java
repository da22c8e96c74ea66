package io.trustedlaunch.cli.plugin;

import io.trustedlaunch.cli.FileErrors;
import io.trustedlaunch.custody.RecoveryKey;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The private key of the recovery certificate. */
final class RecoveryKeyOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--key",
            paramLabel = "KEY.pem",
            description = "File with the private key of the recovery certificate.")
    private Path keyFile;

    @Option(
            names = "--key-password-file",
            paramLabel = "FILE",
            description = "File whose first line is the password of an encrypted key. Default: prompt on the terminal.")
    private Path passwordFile;

    boolean given() {
        return keyFile != null;
    }

    /** @throws ParameterException if it is not given, or cannot be used; says why */
    RecoveryKey open() {
        if (!given()) {
            throw new ParameterException(command.commandLine(), "Missing required option: '--key=KEY.pem'");
        }
        String pem = read(keyFile);
        try {
            return RecoveryKey.fromPem(pem, RecoveryKey.isEncrypted(pem) ? password() : Optional.empty());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), keyFile + " cannot be used: " + e.getMessage());
        }
    }

    private Optional<char[]> password() {
        if (passwordFile != null) {
            return read(passwordFile).lines().findFirst().map(String::toCharArray);
        }
        Console console = System.console();
        if (console == null) {
            throw new IllegalArgumentException("it is encrypted: give --key-password-file, or run on a terminal");
        }
        return Optional.ofNullable(console.readPassword("Password of %s: ", keyFile));
    }

    private String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new ParameterException(command.commandLine(), FileErrors.message("read", file, e));
        }
    }
}
