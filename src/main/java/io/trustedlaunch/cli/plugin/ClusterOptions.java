package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.cli.CommandException;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which cluster, as kubectl has it. */
final class ClusterOptions {
    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "Default: the one of the kubeconfig's context.")
    private String namespace;

    @Option(names = "--context", paramLabel = "NAME", description = "A context of the kubeconfig.")
    private String context;

    @Option(names = "--kubeconfig", paramLabel = "FILE", description = "Default: what KUBECONFIG names.")
    private File kubeconfig;

    KubernetesClient client() {
        Config config = kubeconfig == null ? Config.autoConfigure(context) : Config.fromKubeconfig(kubeconfig);
        if (kubeconfig != null && context != null) {
            throw new CommandException("give --context together with KUBECONFIG, not with --kubeconfig");
        }
        // Whoever sits in front of it sees that the server is away, and can try again.
        config.setRequestRetryBackoffLimit(0);
        clientKeyAlgorithm(config).ifPresent(config::setClientKeyAlgo);
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    /** The client takes a PKCS #8 key for RSA unless it is told; the certificate beside it says what it is. */
    private static Optional<String> clientKeyAlgorithm(Config config) {
        try (InputStream certificate = certificate(config)) {
            return certificate == null
                    ? Optional.empty()
                    : Optional.of(CertificateFactory.getInstance("X.509")
                            .generateCertificate(certificate)
                            .getPublicKey()
                            .getAlgorithm());
        } catch (IOException | CertificateException e) {
            throw new CommandException("the kubeconfig's client certificate cannot be read: " + e.getMessage());
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

    Resource<TrustedLaunchVM> vm(KubernetesClient client, String name) {
        return client.resources(TrustedLaunchVM.class)
                .inNamespace(namespace(client))
                .withName(name);
    }

    /** @throws CommandException if it is not there */
    Resource<ClusterNode> node(KubernetesClient client, String name) {
        Resource<ClusterNode> node = client.resources(ClusterNode.class).withName(name);
        require(node, "ClusterNode " + name);
        return node;
    }

    /** @throws CommandException if it is not there */
    static <T extends HasMetadata> T require(Resource<T> resource, String what) {
        return Optional.ofNullable(resource.get()).orElseThrow(() -> new CommandException(what + " does not exist"));
    }
}
