package io.trustedlaunch.cli.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.ImageList;
import io.trustedlaunch.cli.plugin.terminal.Prompt;
import io.trustedlaunch.cli.plugin.terminal.StandardStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints a VM's manifest, or creates the VM. */
@Command(
        name = "create",
        description = {
            "Print the manifest of a new VM, or create the VM with --apply.",
            "On a terminal, prompts for the image, cores, memory and disk size if they are not given."
        })
final class CreateCommand extends ClusterCommand {

    /** The output formats. */
    enum Output {
        yaml
    }

    @Mixin
    private VmOptions options;

    @Parameters(paramLabel = "VM", description = "Name of the new VM.")
    private String name;

    /** There so that another format is an error. */
    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-o", "--output"},
            defaultValue = "yaml",
            description = "Output format: ${COMPLETION-CANDIDATES}.")
    private Output output;

    @Option(names = "--apply", description = "Create the VM instead of printing its manifest.")
    private boolean apply;

    private final Reader answers;
    private final boolean canPrompt;

    CreateCommand() {
        this(new InputStreamReader(System.in, UTF_8), StandardStream.canPrompt());
    }

    CreateCommand(Reader answers, boolean canPrompt) {
        this.answers = answers;
        this.canPrompt = canPrompt;
    }

    @Override
    int run(KubernetesClient client) {
        Offers offers = new Offers(client, cluster.namespace(client));
        complete(offers.images());
        options.requireOffered(offers);
        TrustedLaunchVM vm = options.vm(cluster.namespace(client), name);
        if (apply) {
            create(client, vm);
        } else {
            out().document(ManifestYaml.of(vm));
        }
        return ExitCode.OK;
    }

    /** Checks the image, and prompts for the required options that were not given. */
    private void complete(ImageList images) {
        Prompt prompt = new Prompt(answers, err());
        GuestImageForm form = options.emptyDisk ? GuestImageForm.Disc : GuestImageForm.Disk;
        if (options.image == null) {
            options.image = chooseImage(images.of(form), prompt);
        } else {
            images.requireUsable(options.image, form);
        }
        options.cores = orAsk("--cores", options.cores, () -> number(prompt.ask("Cores")));
        options.memory = orAsk("--memory", options.memory, () -> prompt.ask("Memory, for example 8Gi"));
        options.diskSize =
                orAsk("--disk-size", options.diskSize, () -> prompt.ask("Size of the OS disk, for example 128Gi"));
    }

    private String chooseImage(ImageList images, Prompt prompt) {
        List<GuestImage> usable = images.usable();
        if (usable.isEmpty()) {
            throw new CommandException(images.usableTable().toString().strip());
        }
        return orAsk(
                "--image",
                null,
                () -> prompt.choose(
                        "Image",
                        usable.stream()
                                .map(image -> image.getMetadata().getName())
                                .toList(),
                        images.usableTable().lines().stream().skip(1).toList()));
    }

    private <T> T orAsk(String option, T value, Supplier<T> question) {
        if (value != null) {
            return value;
        }
        if (!canPrompt) {
            throw new CommandException(option + " is required: there is no terminal to prompt for it");
        }
        return question.get();
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new CommandException("the number of cores must be a whole number: " + text);
        }
    }
}
