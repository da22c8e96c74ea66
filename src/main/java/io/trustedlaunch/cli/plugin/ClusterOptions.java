package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.cli.CommandException;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The cluster and the namespace, as in kubectl. */
final class ClusterOptions {
    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "Namespace to use. Default: the namespace of the kubeconfig context.")
    private String namespace;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    KubernetesClient client() {
        return connection.client();
    }

    /** Empty: no flag names one. */
    Optional<String> chosenNamespace() {
        return Optional.ofNullable(namespace);
    }

    String namespace(KubernetesClient client) {
        return chosenNamespace()
                .or(() -> Optional.ofNullable(client.getConfiguration().getNamespace()))
                .orElse("default");
    }

    /** @throws CommandException if the VM does not exist */
    TrustedLaunchVM getVm(KubernetesClient client, String name) {
        return get(vmResource(client, name), "TrustedLaunchVM " + namespace(client) + "/" + name);
    }

    /** @throws CommandException if the VM does not exist */
    Resource<TrustedLaunchVM> vm(KubernetesClient client, String name) {
        getVm(client, name);
        return vmResource(client, name);
    }

    private Resource<TrustedLaunchVM> vmResource(KubernetesClient client, String name) {
        return client.resources(TrustedLaunchVM.class)
                .inNamespace(namespace(client))
                .withName(name);
    }

    /** @throws CommandException if the node does not exist */
    Resource<ClusterNode> node(KubernetesClient client, String name) {
        Resource<ClusterNode> node = client.resources(ClusterNode.class).withName(name);
        get(node, "ClusterNode " + name);
        return node;
    }

    /** @throws CommandException if the node does not exist */
    Resource<Node> kubernetesNode(KubernetesClient client, String name) {
        Resource<Node> node = client.nodes().withName(name);
        get(node, "Node " + name);
        return node;
    }

    private static <T extends HasMetadata> T get(Resource<T> resource, String object) {
        return Optional.ofNullable(resource.get()).orElseThrow(() -> new CommandException(object + " does not exist"));
    }
}
