package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.process.ProductVersion;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** Prints the versions of plugin, operator and agents, and says which of them differ. */
@Command(
        name = "version",
        description = "Show the versions of the plugin, and of the operator and the agents of the cluster.")
final class VersionCommand extends ClusterCommand {
    private static final String VERSION_LABEL = "app.kubernetes.io/version";
    private static final Map<String, String> OPERATOR =
            Map.of("app.kubernetes.io/name", "trusted-launch-operator", "app.kubernetes.io/component", "operator");

    @Mixin
    private OperatorNamespace operatorNamespace;

    @Override
    int run(KubernetesClient client) {
        String plugin = ProductVersion.running();
        out().line("plugin:   " + plugin);
        Optional<List<String>> operators = ifAllowed(() -> operators(client));
        Optional<Map<String, List<String>>> agents = ifAllowed(() -> agents(client));
        out().line("operator: "
                + operators
                        .map(VersionCommand::joined)
                        .orElse("you may not read its Deployment in namespace " + operatorNamespace));
        out().line("agents:   " + agents.map(VersionCommand::joined).orElse("you may not list ClusterNodes"));
        Stream.concat(
                        operators.stream().flatMap(List::stream),
                        agents.stream().flatMap(versions -> versions.keySet().stream()))
                .distinct()
                .filter(version -> !version.equals(plugin))
                .findFirst()
                .ifPresent(
                        other -> err().line(
                                        "warning: the plugin is of version " + plugin + ", and the cluster has " + other
                                                + ": install the plugin of the operator's version, and upgrade agents that are behind"));
        return ExitCode.OK;
    }

    private List<String> operators(KubernetesClient client) {
        return client
                .apps()
                .deployments()
                .inNamespace(operatorNamespace.toString())
                .withLabels(OPERATOR)
                .list()
                .getItems()
                .stream()
                .map(VersionCommand::version)
                .toList();
    }

    private static String version(Deployment operator) {
        return Optional.ofNullable(operator.getMetadata().getLabels().get(VERSION_LABEL))
                .orElse("of no version");
    }

    /** The nodes by the version of their agent. */
    private static Map<String, List<String>> agents(KubernetesClient client) {
        return client.resources(ClusterNode.class).list().getItems().stream()
                .filter(node -> node.getStatus() != null && node.getStatus().versions() != null)
                .collect(Collectors.groupingBy(
                        node -> node.getStatus().versions().agent(),
                        TreeMap::new,
                        Collectors.mapping(node -> node.getMetadata().getName(), Collectors.toList())));
    }

    private static String joined(List<String> versions) {
        return versions.isEmpty() ? "none is installed there" : String.join(", ", versions);
    }

    private static String joined(Map<String, List<String>> nodes) {
        return nodes.isEmpty()
                ? "none has reported"
                : nodes.entrySet().stream()
                        .map(version -> version.getKey() + " on " + count(version.getValue()))
                        .collect(Collectors.joining("; "));
    }

    /** Of many, how many. */
    private static String count(List<String> nodes) {
        return nodes.size() > 5 ? nodes.size() + " nodes" : String.join(", ", nodes);
    }

    private static <T> Optional<T> ifAllowed(Supplier<T> read) {
        try {
            return Optional.of(read.get());
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
