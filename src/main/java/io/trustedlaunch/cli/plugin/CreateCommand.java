package io.trustedlaunch.cli.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.GuestImage;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.ImageList;
import io.trustedlaunch.cli.plugin.terminal.Prompt;
import java.io.InputStreamReader;
import java.io.Reader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a VM's manifest. */
@Command(
        name = "create",
        description = {
            "Write the manifest of a trusted launch VM, from an image that can be used for one.",
            "What is not given, and is needed, is asked for at a terminal. Nothing is applied without --apply."
        },
        mixinStandardHelpOptions = true)
public final class CreateCommand implements Runnable {
    /** {@code bin/kubectl-tlvm} says whether somebody is there to answer. */
    private static final String ASKS = "trustedlaunch.asks";

    /** What is printed. */
    enum Output {
        yaml
    }

    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "VM")
    private String name;

    @Option(names = "--image", paramLabel = "IMAGE", description = "A GuestImage: see kubectl tlvm images.")
    private String image;

    @Option(names = "--cores", paramLabel = "N")
    private Integer cores;

    @Option(names = "--memory", paramLabel = "SIZE", description = "For example 8Gi.")
    private String memory;

    @Option(names = "--disk-size", paramLabel = "SIZE", description = "Of the OS disk, for example 128Gi.")
    private String diskSize;

    @Option(names = "--data-disk", paramLabel = "NAME=SIZE", description = "Another disk; can be repeated.")
    private Map<String, String> dataDisks = new LinkedHashMap<>();

    @Option(names = "--network", paramLabel = "NETWORK", description = "A network card in it; can be repeated.")
    private List<String> networks = List.of();

    @Option(names = "--storage-location", paramLabel = "NAME", description = "Default: default.")
    private String storageLocation;

    @Option(names = "--cloud-init-secret", paramLabel = "SECRET")
    private String cloudInitSecret;

    @Option(names = "--sysprep-secret", paramLabel = "SECRET")
    private String sysprepSecret;

    @Option(names = "--halted", description = "The VM is not started.")
    private boolean halted;

    /** Only to refuse others. */
    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-o", "--output"},
            defaultValue = "yaml",
            description = "${COMPLETION-CANDIDATES}, the default, and the only one.")
    private Output output;

    @Option(names = "--apply", description = "Create the VM instead of printing its manifest.")
    private boolean apply;

    private final Reader answers;
    private final boolean asks;

    public CreateCommand() {
        this(new InputStreamReader(System.in, UTF_8), Boolean.getBoolean(ASKS));
    }

    CreateCommand(Reader answers, boolean asks) {
        this.answers = answers;
        this.asks = asks;
    }

    @Override
    public void run() {
        try (KubernetesClient client = cluster.client()) {
            VmManifest manifest = manifest(client);
            if (apply) {
                PluginWriter.create(client, manifest.vm());
                spec.commandLine().getOut().println("trustedlaunchvm/" + name + " created");
            } else {
                spec.commandLine().getOut().print(manifest.yaml());
            }
            spec.commandLine().getOut().flush();
        }
    }

    private VmManifest manifest(KubernetesClient client) {
        Prompt questions = new Prompt(answers, spec.commandLine().getErr());
        String chosen =
                image(new ImageList(client.resources(GuestImage.class).list().getItems()), questions);
        return new VmManifest(
                cluster.namespace(client),
                name,
                chosen,
                given("--cores", cores, () -> number(questions.ask("Processor cores"))),
                given("--memory", memory, () -> questions.ask("Memory, for example 8Gi")),
                given("--disk-size", diskSize, () -> questions.ask("OS disk, for example 128Gi")),
                dataDisks,
                networks,
                Optional.ofNullable(storageLocation),
                Optional.ofNullable(cloudInitSecret),
                Optional.ofNullable(sysprepSecret),
                halted);
    }

    private String image(ImageList images, Prompt questions) {
        if (image != null) {
            images.requireUsable(image);
            return image;
        }
        List<GuestImage> usable = images.usable();
        if (usable.isEmpty()) {
            throw new CommandException(images.usableTable().strip());
        }
        return given(
                "--image",
                null,
                () -> questions.choose(
                        "Image",
                        usable.stream()
                                .map(each -> each.getMetadata().getName())
                                .toList(),
                        images.usableTable().lines().skip(1).toList()));
    }

    private <T> T given(String option, T value, Supplier<T> question) {
        if (value != null) {
            return value;
        }
        if (!asks) {
            throw new CommandException(option + " is missing, and there is no terminal to ask at");
        }
        return question.get();
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new CommandException(text + " is no number of cores");
        }
    }
}
