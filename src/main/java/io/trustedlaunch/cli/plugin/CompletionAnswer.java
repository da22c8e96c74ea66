package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSchedule;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.terminal.TextOutput;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * The answer to kubectl when the user completes a command of the plugin: {@code kubectl_complete-tlvm} asks for it. It has a line for each
 * word, and then a directive for the shell.
 */
final class CompletionAnswer {
    /** In place of a verb; what follows is what the user has typed. */
    static final String VERB = "__complete";

    /** The words are all that there is: no file names. */
    private static final String NO_FILES = ":4";

    private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.of(
            "VM", TrustedLaunchVM.class,
            "NODE", ClusterNode.class,
            "IMAGE", GuestImage.class,
            "BACKUP", VMBackup.class,
            "SCHEDULE", VMBackupSchedule.class,
            "LOCATION", BackupLocation.class,
            "NETWORK", VMNetwork.class,
            "NAMESPACE", Namespace.class);

    private final List<String> words;

    /** @param words the last one is being typed */
    CompletionAnswer(List<String> words) {
        this.words = words;
    }

    /** @param plugin with all of its verbs; its output is written to */
    void print(CommandLine plugin) {
        TextOutput out = TextOutput.standardOutput(plugin);
        new Completion(plugin, this::names).of(words).forEach(out::line);
        out.line(NO_FILES);
    }

    /** None if the cluster does not answer, or shows this user none: there is nobody to tell. */
    private Stream<String> names(String label) {
        Class<? extends HasMetadata> kind = KINDS.get(label);
        if (kind == null) {
            return Stream.empty();
        }
        ClusterOptions cluster = new ClusterOptions();
        try {
            new CommandLine(cluster)
                    .setUnmatchedArgumentsAllowed(true)
                    .parseArgs(words.subList(0, words.size() - 1).toArray(String[]::new));
            try (KubernetesClient client = cluster.client()) {
                return names(client, kind, cluster.namespace(client)).stream();
            }
        } catch (KubernetesClientException | CommandException | CommandLine.ParameterException e) {
            return Stream.empty();
        }
    }

    private static List<String> names(KubernetesClient client, Class<? extends HasMetadata> kind, String namespace) {
        var all = client.resources(kind);
        var found = Namespaced.class.isAssignableFrom(kind)
                ? all.inNamespace(namespace).list()
                : all.list();
        return found.getItems().stream()
                .map(object -> object.getMetadata().getName())
                .toList();
    }
}
