package io.trustedlaunch.testkit;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.authentication.BoundObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.node.Enrolment;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The cluster of KUBECONFIG with the product's CRDs, roles and policies installed from the chart. Objects that a test class
 * creates through it are removed when the class ends.
 */
public final class Cluster implements BeforeAllCallback, AfterAllCallback {
    /** The operator's namespace. */
    public static final String NAMESPACE = "trusted-launch-system";

    public static final String AGENT = "trusted-launch-agent";

    /** The most that a busy machine may need; no test measures with it. */
    public static final Duration TIMEOUT = Duration.ofMinutes(3);

    private static boolean installed;

    private final Deque<Runnable> undo = new ArrayDeque<>();
    private KubernetesClient admin;

    @Override
    public void beforeAll(ExtensionContext context) {
        admin = closedAfterClass(
                new KubernetesClientBuilder().withConfig(administrator()).build());
        install();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        while (!undo.isEmpty()) {
            undo.pop().run();
        }
    }

    /** A client with all rights. */
    public KubernetesClient admin() {
        return admin;
    }

    public String adminName() {
        return admin.resource(new SelfSubjectReview())
                .create()
                .getStatus()
                .getUserInfo()
                .getUsername();
    }

    /** Creates the object and removes it when the class ends. */
    public <T extends HasMetadata> T create(T resource) {
        T created = admin.resource(resource).create();
        removeAfterClass(created);
        return created;
    }

    /** Removes an object that was not created here when the class ends. */
    public void removeAfterClass(HasMetadata resource) {
        undo.push(() -> admin.resource(resource).delete());
    }

    /** Creates a namespace. */
    public String namespace() {
        return create(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(uniqueName("test"))
                        .endMetadata()
                        .build())
                .getMetadata()
                .getName();
    }

    /** Creates an approved Node object without a machine; a token can be bound to it. */
    public Node node(String name) {
        return node(name, Map.of(Enrolment.LABEL, Enrolment.APPROVED));
    }

    /** One that no administrator has approved. */
    public Node unapprovedNode(String name) {
        return node(name, Map.of());
    }

    private Node node(String name, Map<String, String> labels) {
        return create(new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .build());
    }

    /** A client with the credentials of a node's agent. */
    public KubernetesClient agentOf(Node node) {
        return withToken(token(NAMESPACE, AGENT, Optional.of(node)));
    }

    /** A token from the TokenRequest API, bound to the node if there is one. */
    public String token(String namespace, String serviceAccount, Optional<Node> node) {
        TokenRequest request = new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(3600L)
                .endSpec()
                .build();
        node.ifPresent(bound -> request.getSpec()
                .setBoundObjectRef(new BoundObjectReferenceBuilder()
                        .withApiVersion("v1")
                        .withKind("Node")
                        .withName(bound.getMetadata().getName())
                        .withUid(bound.getMetadata().getUid())
                        .build()));
        return admin.serviceAccounts()
                .inNamespace(namespace)
                .withName(serviceAccount)
                .tokenRequest(request)
                .getStatus()
                .getToken();
    }

    /** A file for a process that uses the token. */
    public String kubeconfigWith(String token) {
        Config config = admin.getConfiguration();
        String authority = Optional.ofNullable(config.getCaCertData()).orElseGet(() -> encoded(config.getCaCertFile()));
        return """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: "%s", certificate-authority-data: "%s"}}]
                users: [{name: u, user: {token: "%s"}}]
                contexts: [{name: x, context: {cluster: c, user: u}}]
                current-context: x
                """.formatted(config.getMasterUrl(), authority, token);
    }

    private static String encoded(String file) {
        try {
            return Base64.getEncoder().encodeToString(Files.readAllBytes(Path.of(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public KubernetesClient withToken(String token) {
        return client(config -> config.withOauthToken(token));
    }

    /** A client of the administrator that impersonates another user. */
    public KubernetesClient impersonating(String user, List<String> groups, Map<String, List<String>> extras) {
        Config config = administrator();
        config.setImpersonateUsername(user);
        config.setImpersonateGroups(groups.toArray(String[]::new));
        config.setImpersonateExtras(extras);
        return closedAfterClass(new KubernetesClientBuilder().withConfig(config).build());
    }

    /** A client of this cluster with these credentials only. */
    private KubernetesClient client(Consumer<ConfigBuilder> credentials) {
        Config known = admin.getConfiguration();
        ConfigBuilder config = new ConfigBuilder(Config.empty())
                .withRequestRetryBackoffLimit(0)
                .withMasterUrl(known.getMasterUrl())
                .withTrustCerts(known.isTrustCerts())
                .withCaCertData(known.getCaCertData())
                .withCaCertFile(known.getCaCertFile());
        credentials.accept(config);
        return closedAfterClass(
                new KubernetesClientBuilder().withConfig(config.build()).build());
    }

    public static String uniqueName(String prefix) {
        return prefix + "-" + UUID.randomUUID().toString().substring(0, 8);
    }

    private KubernetesClient closedAfterClass(KubernetesClient client) {
        undo.push(client::close);
        return client;
    }

    /** The configuration of KUBECONFIG, for clients that the test itself closes. */
    public static Config administrator() {
        Config config = Config.fromKubeconfig(kubeconfig());
        config.setRequestRetryBackoffLimit(0);
        config.setRequestTimeout(Math.toIntExact(TIMEOUT.toMillis()));
        if (config.getClientCertData() != null) {
            // The client assumes RSA in a PKCS#8 key by default.
            config.setClientKeyAlgo(keyAlgorithm(Base64.getDecoder().decode(config.getClientCertData())));
        }
        return config;
    }

    private static String keyAlgorithm(byte[] certificate) {
        try {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(certificate))
                    .getPublicKey()
                    .getAlgorithm();
        } catch (CertificateException e) {
            throw new IllegalStateException("KUBECONFIG has a client certificate that cannot be read", e);
        }
    }

    private static File kubeconfig() {
        String file = System.getenv("KUBECONFIG");
        if (file == null || file.isBlank()) {
            throw new AssertionError("this test needs a cluster, and KUBECONFIG names none. A lab will do:"
                    + " bin/lab up NAME --control-plane-only; eval \"$(bin/lab env NAME)\"");
        }
        return new File(file);
    }

    /** Runs once per JVM; does what an administrator does with kubectl and helm. */
    private void install() {
        if (installed) {
            return;
        }
        Helm.install(NAMESPACE);
        awaitInstalled();
        installed = true;
    }

    /** Uninstalls the product, looks at what is left, and installs it again with the same values. */
    public void reinstall(Runnable look) {
        Path values = Helm.uninstall(NAMESPACE);
        try {
            look.run();
        } finally {
            Helm.install(NAMESPACE, values);
            awaitInstalled();
        }
    }

    private void awaitInstalled() {
        try (var files = Files.list(Path.of("crds"))) {
            List<Path> definitions = files.sorted().toList();
            definitions.forEach(this::awaitEstablished);
            awaitServed(definitions.stream().map(Cluster::list).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitPolicies();
    }

    /**
     * Waits until the API server enforces the new policies. Both deny a token without a node, and the server names the one
     * that it evaluated first.
     */
    private void awaitPolicies() {
        Node node = node(uniqueName("probe"));
        Call othersLease = Call.create(
                        "/apis/coordination.k8s.io/v1/namespaces/" + NAMESPACE + "/leases",
                        "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: node-other}}")
                .dryRun();
        KubernetesClient agent = agentOf(node);
        KubernetesClient unbound = withToken(token(NAMESPACE, AGENT, Optional.empty()));
        await("the agents' policies to be enforced")
                .atMost(TIMEOUT)
                .until(() -> othersLease.by(agent).message().contains("trusted-launch-agent-writes")
                        && othersLease.by(unbound).message().contains("trusted-launch-agent-"));
    }

    private void awaitEstablished(Path file) {
        CustomResourceDefinition definition = load(file);
        admin.resource(definition)
                .waitUntilCondition(
                        seen -> seen != null
                                && seen.getStatus() != null
                                && seen.getStatus().getConditions() != null
                                && seen.getStatus().getConditions().stream()
                                        .anyMatch(
                                                condition -> condition.getType().equals("Established")
                                                        && condition.getStatus().equals("True")),
                        TIMEOUT.toSeconds(),
                        TimeUnit.SECONDS);
    }

    /**
     * Shortly after a changed definition is Established, the API server initializes its storage again. An informer that
     * starts then is refused ("storage is (re)initializing"), which ends an operator that no supervisor restarts.
     */
    private void awaitServed(List<String> lists) {
        await(lists + " to be served")
                .atMost(TIMEOUT)
                .during(Duration.ofSeconds(2))
                .until(() ->
                        lists.stream().allMatch(list -> Call.get(list).by(admin).succeeded()));
    }

    private static String list(Path file) {
        CustomResourceDefinition definition = load(file);
        return "/apis/" + definition.getSpec().getGroup() + "/"
                + definition.getSpec().getVersions().getFirst().getName() + "/"
                + definition.getSpec().getNames().getPlural() + "?resourceVersion=0";
    }

    private static CustomResourceDefinition load(Path file) {
        try {
            return Serialization.unmarshal(Files.readString(file), CustomResourceDefinition.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
