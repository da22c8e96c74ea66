package io.trustedlaunch.cli.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.cli.FileErrors;
import io.trustedlaunch.cli.plugin.terminal.Prompt;
import io.trustedlaunch.cli.plugin.terminal.StandardStream;
import io.trustedlaunch.cli.plugin.terminal.TextOutput;
import io.trustedlaunch.custody.RecoveryKey;
import io.trustedlaunch.files.RegularFiles;
import io.trustedlaunch.recovery.RecoveredManifests;
import io.trustedlaunch.recovery.VmRecovery;
import io.trustedlaunch.recovery.VmRecovery.Outcome;
import io.trustedlaunch.recovery.VmRecovery.Outcome.Recovered;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes the manifests that restore VMs from their folders. Needs no cluster. */
@Command(
        name = "recover",
        description = {
            "Write the manifests that restore VMs after the loss of their cluster.",
            "They are made from the VMs' folders and the private key of the recovery certificate. The folders are not"
                    + " changed, and no cluster is needed.",
            "The exit code is 1 if a VM could not be recovered; the manifests of the others are written."
        },
        mixinStandardHelpOptions = true)
final class RecoverCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RecoveryKeyOptions key;

    @Mixin
    private ManifestOutput output;

    @Option(
            names = "--namespace",
            paramLabel = "NAME",
            description = "Namespace into which VMs may be recovered; may be repeated. A VM's folder does not prove its"
                    + " namespace. Default: prompt for each namespace that is found.")
    private List<String> namespaces = List.of();

    @Option(
            names = "--operator-namespace",
            defaultValue = "trusted-launch-system",
            paramLabel = "NAME",
            description = "Namespace of the operator in the new cluster. Default: ${DEFAULT-VALUE}.")
    private String operatorNamespace;

    @Parameters(
            arity = "1..*",
            paramLabel = "FOLDER",
            description = "Folder of a StorageLocation, or of one VM in it. The name of a VM's folder is the VM's UID.")
    private List<Path> folders;

    private final Reader answers;
    private final boolean canPrompt;

    RecoverCommand() {
        this(new InputStreamReader(System.in, UTF_8), StandardStream.canPrompt());
    }

    RecoverCommand(Reader answers, boolean canPrompt) {
        this.answers = answers;
        this.canPrompt = canPrompt;
    }

    @Override
    public Integer call() {
        output.requireNew();
        RecoveryKey opened = key.open();
        List<Recovered> recovered = new ArrayList<>();
        boolean all = true;
        for (Path folder : folders) {
            List<Path> vms = vmFolders(folder);
            if (vms.isEmpty()) {
                print(folder + ": no VM folder found: a VM's folder has the VM's UID as its name");
                all = false;
            }
            for (Path vm : vms) {
                all &= recover(vm, opened, recovered);
            }
        }
        List<Recovered> agreed = agreed(recovered);
        boolean written = agreed.isEmpty() || output.write(RecoveredManifests.of(agreed));
        return all && written && agreed.size() == recovered.size() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private List<Recovered> agreed(List<Recovered> recovered) {
        Optional<Prompt> prompt = canPrompt
                ? Optional.of(new Prompt(answers, TextOutput.standardError(spec.commandLine())))
                : Optional.empty();
        List<Recovered> agreed = new NamespaceConsent(namespaces, prompt).of(recovered);
        recovered.stream()
                .filter(vm -> !agreed.contains(vm))
                .forEach(vm ->
                        print("not written: VM " + name(vm) + ". Its folder does not prove that it was in namespace "
                                + NamespaceConsent.namespace(vm) + ": if it was, repeat with --namespace "
                                + NamespaceConsent.namespace(vm)));
        return agreed;
    }

    private static String name(Recovered vm) {
        return NamespaceConsent.namespace(vm) + "/" + vm.vm().getMetadata().getName();
    }

    private boolean recover(Path folder, RecoveryKey key, List<Recovered> recovered) {
        UUID vm = uuid(folder).orElseThrow();
        return switch (VmRecovery.of(vm, new VmFolder(new RegularFiles(folder)), key, operatorNamespace)) {
            case Outcome.Failed(String message) -> {
                print(folder + ": not recovered: " + message);
                yield false;
            }
            case Recovered found -> {
                found.warnings().forEach(warning -> print(folder + ": warning: " + warning));
                print(folder + ": recovered VM " + name(found) + ", guest state " + found.newest()
                        + ", endorsement key " + found.ekDigest());
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
            throw new ParameterException(spec.commandLine(), FileErrors.message("list", folder, e));
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

    private void print(String message) {
        TextOutput.standardError(spec.commandLine()).line(message);
    }
}
