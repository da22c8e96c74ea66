package io.trustedlaunch.cli.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import io.trustedlaunch.cli.FileErrors;
import io.trustedlaunch.cli.plugin.terminal.TextOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where manifests that hold keys are written. */
final class ManifestOutput {
    private static final String STANDARD_OUTPUT = "-";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE",
            description =
                    "File to create for the manifests, or - for standard output. The manifests contain keys: only you"
                            + " can read the file.")
    private String file;

    /** @throws ParameterException if the file exists */
    void requireNew() {
        if (!file.equals(STANDARD_OUTPUT) && Files.exists(Path.of(file))) {
            throw new ParameterException(command.commandLine(), FileErrors.exists(Path.of(file)));
        }
    }

    /** Returns false, and says why, if they could not be written. */
    boolean write(String manifests) {
        if (file.equals(STANDARD_OUTPUT)) {
            TextOutput.standardOutput(command.commandLine()).document(manifests);
            return true;
        }
        Path path = Path.of(file);
        try (SeekableByteChannel channel = Files.newByteChannel(
                path,
                Set.of(CREATE_NEW, WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer left = ByteBuffer.wrap(manifests.getBytes(UTF_8));
            while (left.hasRemaining()) {
                channel.write(left);
            }
            return true;
        } catch (FileAlreadyExistsException e) {
            print(FileErrors.exists(path));
            return false;
        } catch (IOException e) {
            print(FileErrors.message("write", path, e) + ". If the file exists, it is incomplete: delete it");
            return false;
        }
    }

    private void print(String message) {
        TextOutput.standardError(command.commandLine()).line(message);
    }
}
