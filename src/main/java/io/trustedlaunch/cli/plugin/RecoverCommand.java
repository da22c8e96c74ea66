package io.trustedlaunch.cli.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.custody.RecoveryKey;
import io.trustedlaunch.recovery.RecoveredManifests;
import io.trustedlaunch.recovery.VmRecovery;
import io.trustedlaunch.recovery.VmRecovery.Outcome;
import io.trustedlaunch.recovery.VmRecovery.Outcome.Recovered;
import java.io.Console;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** From the folders of VMs to what brings them back; asks no cluster and no host. */
@Command(
        name = "recover",
        description = {
            "Makes the manifests that bring VMs back whose cluster is lost, from their folders and the private key of the"
                    + " recovery certificate. Changes nothing, and needs no cluster.",
            "Ends with 1 if a VM could not be recovered; the others are written all the same."
        },
        mixinStandardHelpOptions = true)
final class RecoverCommand implements Callable<Integer> {
    private static final String STANDARD_OUTPUT = "-";

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--key",
            required = true,
            paramLabel = "KEY.pem",
            description = "The private key of the recovery certificate.")
    private Path keyFile;

    @Option(
            names = "--key-password-file",
            paramLabel = "FILE",
            description = "Its first line opens an encrypted key; asked for on the terminal otherwise.")
    private Path passwordFile;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE",
            description = "Where to write the manifests, which hold keys: a new file that only you can read, or - for"
                    + " standard output.")
    private String output;

    @Option(
            names = "--operator-namespace",
            defaultValue = "trusted-launch-system",
            paramLabel = "NAME",
            description = "Where the operator of the new cluster is (default: ${DEFAULT-VALUE}).")
    private String namespace;

    @Parameters(
            arity = "1..*",
            paramLabel = "FOLDER",
            description = "A storage location's folder, or the folder of one VM in it, whose name is the VM's UID.")
    private List<Path> folders;

    @Override
    public Integer call() {
        if (!output.equals(STANDARD_OUTPUT) && Files.exists(Path.of(output))) {
            throw new ParameterException(spec.commandLine(), output + " exists, and is not overwritten");
        }
        RecoveryKey key = key();
        List<Recovered> recovered = new ArrayList<>();
        boolean all = true;
        for (Path folder : folders) {
            List<Path> vms = vmFolders(folder);
            if (vms.isEmpty()) {
                tell(folder + ": no folder of a VM is there");
                all = false;
            }
            for (Path vm : vms) {
                all &= recover(vm, key, recovered);
            }
        }
        boolean written = recovered.isEmpty() || write(RecoveredManifests.of(recovered));
        return all && written ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private boolean recover(Path folder, RecoveryKey key, List<Recovered> recovered) {
        UUID vm = uuid(folder).orElseThrow();
        return switch (VmRecovery.of(vm, new DiskHomeFiles(folder), key, namespace)) {
            case Outcome.Failed(String message) -> {
                tell(folder + ": not recovered: " + message);
                yield false;
            }
            case Recovered found -> {
                found.warnings().forEach(warning -> tell(folder + ": warning: " + warning));
                tell(folder + ": VM " + found.vm().getMetadata().getNamespace() + "/"
                        + found.vm().getMetadata().getName() + ", guest state " + found.newest());
                recovered.add(found);
                yield true;
            }
        };
    }

    private List<Path> vmFolders(Path folder) {
        if (uuid(folder).isPresent()) {
            return List.of(folder);
        }
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.filter(Files::isDirectory)
                    .filter(each -> uuid(each).isPresent())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), folder + " cannot be listed: " + e.getMessage());
        }
    }

    private static Optional<UUID> uuid(Path folder) {
        String name = folder.toAbsolutePath().normalize().getFileName() == null
                ? ""
                : folder.toAbsolutePath().normalize().getFileName().toString();
        try {
            return Optional.of(UUID.fromString(name))
                    .filter(uuid -> uuid.toString().equals(name));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private RecoveryKey key() {
        try {
            String pem = Files.readString(keyFile);
            return RecoveryKey.fromPem(pem, RecoveryKey.isEncrypted(pem) ? password() : Optional.empty());
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), "cannot be read: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), keyFile + " cannot be used: " + e.getMessage());
        }
    }

    private Optional<char[]> password() throws IOException {
        if (passwordFile != null) {
            try (Stream<String> lines = Files.lines(passwordFile)) {
                return lines.findFirst().map(String::toCharArray);
            }
        }
        Console console = System.console();
        if (console == null) {
            throw new IllegalArgumentException("it is encrypted: give --key-password-file, or run this on a terminal");
        }
        return Optional.ofNullable(console.readPassword("Password of %s: ", keyFile));
    }

    private boolean write(String manifests) {
        if (output.equals(STANDARD_OUTPUT)) {
            spec.commandLine().getOut().print(manifests);
            spec.commandLine().getOut().flush();
            return true;
        }
        Path file = Path.of(output);
        try (SeekableByteChannel channel = Files.newByteChannel(
                file,
                Set.of(CREATE_NEW, WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer left = ByteBuffer.wrap(manifests.getBytes(UTF_8));
            while (left.hasRemaining()) {
                channel.write(left);
            }
            return true;
        } catch (FileAlreadyExistsException e) {
            tell(output + " exists, and is not overwritten");
            return false;
        } catch (IOException e) {
            tell(output + " was not written whole: " + e.getMessage());
            return false;
        }
    }

    private void tell(String message) {
        spec.commandLine().getErr().println(RecoveredManifests.printable(message));
    }
}
