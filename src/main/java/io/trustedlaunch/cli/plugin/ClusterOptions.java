package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.process.ApiServerTrust;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The cluster and the namespace, as in kubectl. */
final class ClusterOptions {
    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "Namespace to use. Default: the namespace of the kubeconfig context.")
    private String namespace;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "Context of the kubeconfig file. Default: the current context.")
    private String context;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "Kubeconfig file. Default: the file in the environment variable KUBECONFIG,"
                    + " or ~/.kube/config.")
    private File kubeconfig;

    KubernetesClient client() {
        Config config = config();
        if (context != null) {
            requireContext(config);
        }
        // An interactive user sees at once that the server cannot be reached, and can retry.
        config.setRequestRetryBackoffLimit(0);
        clientKeyAlgorithm(config).ifPresent(config::setClientKeyAlgo);
        // One request after the other gains nothing from HTTP/2, and its classes are not in the archive.
        config.setHttp2Disable(true);
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new JdkHttpClientFactory())
                .withHttpClientBuilderConsumer(http -> ApiServerTrust.require(config, http))
                .build();
    }

    private Config config() {
        return kubeconfig == null ? Config.autoConfigure(context) : Config.fromKubeconfig(context, kubeconfig);
    }

    /** The client takes the current context if the one that is named is not there. */
    private void requireContext(Config config) {
        List<String> contexts = Stream.ofNullable(config.getContexts())
                .flatMap(List::stream)
                .map(NamedContext::getName)
                .sorted()
                .toList();
        if (!contexts.contains(context)) {
            throw new CommandException("context \"" + context + "\" does not exist; the kubeconfig has "
                    + (contexts.isEmpty() ? "none" : "these: " + String.join(", ", contexts)));
        }
    }

    /** Without it, the client reads every PKCS #8 key as RSA; the certificate has the real algorithm. */
    private static Optional<String> clientKeyAlgorithm(Config config) {
        try (InputStream certificate = certificate(config)) {
            return certificate == null
                    ? Optional.empty()
                    : Optional.of(CertificateFactory.getInstance("X.509")
                            .generateCertificate(certificate)
                            .getPublicKey()
                            .getAlgorithm());
        } catch (IOException | CertificateException e) {
            throw new CommandException("cannot read the client certificate of the kubeconfig: " + e.getMessage());
        }
    }

    private static InputStream certificate(Config config) throws IOException {
        if (config.getClientCertData() != null) {
            return new ByteArrayInputStream(Base64.getDecoder().decode(config.getClientCertData()));
        }
        return config.getClientCertFile() == null ? null : Files.newInputStream(Path.of(config.getClientCertFile()));
    }

    String namespace(KubernetesClient client) {
        return Optional.ofNullable(namespace)
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
