package io.trustedlaunch.operator.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.PublishedAuthority;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;

/**
 * Keeps the authority: its key in a Secret that only the operator reads, its certificate in a ConfigMap
 * that agents read. The Secret is the truth, and read at each use: it is used a few times a day, and
 * may be restored under a running operator.
 */
public final class AuthorityStore {
    private static final String NAME = PublishedAuthority.NAME;
    private static final String CERTIFICATE = PublishedAuthority.CERTIFICATE;
    private static final String SECRET_TYPE = Api.GROUP + "/certificate-authority";
    private static final String PRIVATE_KEY = "ca.key";

    private static final Duration LIFETIME = Duration.ofDays(3650);

    private final KubernetesClient client;
    private final IdentityWriter writer;
    private final String namespace;
    private final SecureRandom random;
    private final InstantSource clock;

    public AuthorityStore(
            KubernetesClient client,
            IdentityWriter writer,
            String namespace,
            SecureRandom random,
            InstantSource clock) {
        this.client = client;
        this.writer = writer;
        this.namespace = namespace;
        this.random = random;
        this.clock = clock;
    }

    /**
     * What sealing certificates are checked with. Makes or publishes the authority where that is
     * missing, so that agents without a request under way learn of a new one.
     *
     * @throws IllegalStateException if the Secret is there and holds no authority
     */
    public NodeCertificateVerifier verifier() {
        AuthorityState state = read();
        if (state instanceof AuthorityState.Absent) {
            make();
            state = read();
        }
        return switch (state) {
            case AuthorityState.Absent absent -> throw new IllegalStateException("Secret " + NAME + " does not stay");
            case AuthorityState.Unusable unusable -> throw new IllegalStateException(unusable.message());
            case AuthorityState.Present present -> {
                if (!present.published()) {
                    publish(present.authority());
                }
                yield present.authority().verifier();
            }
        };
    }

    AuthorityState read() {
        Secret secret = client.secrets().inNamespace(namespace).withName(NAME).get();
        if (secret == null) {
            return new AuthorityState.Absent();
        }
        try {
            NodeCertificateAuthority authority =
                    NodeCertificateAuthority.fromPem(text(secret, PRIVATE_KEY), text(secret, CERTIFICATE));
            return authority.isValidAt(clock.instant())
                    ? new AuthorityState.Present(authority, isPublished(authority))
                    : unusable("has expired; delete it, and a new one is made and all nodes are certified anew");
        } catch (IllegalArgumentException e) {
            return unusable("is not usable (" + e.getMessage() + "); restore it, or delete it to have a new one made");
        }
    }

    /** By creation, so that of two operators that both think they lead one succeeds, and both use its authority. */
    void make() {
        NodeCertificateAuthority authority = NodeCertificateAuthority.create(random, clock.instant(), LIFETIME);
        writer.createIfAbsent(new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(NAME)
                .endMetadata()
                .withType(SECRET_TYPE)
                .withImmutable(true)
                .withStringData(Map.of(
                        PRIVATE_KEY, authority.keyPem(),
                        CERTIFICATE, authority.certificatePem()))
                .build());
    }

    void publish(NodeCertificateAuthority authority) {
        Map<String, String> data = Map.of(CERTIFICATE, authority.certificatePem());
        ConfigMap published = writer.createIfAbsent(new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(NAME)
                .endMetadata()
                .withData(data)
                .build());
        if (!data.equals(published.getData())) {
            writer.replace(new ConfigMapBuilder(published).withData(data).build());
        }
    }

    private boolean isPublished(NodeCertificateAuthority authority) {
        ConfigMap published =
                client.configMaps().inNamespace(namespace).withName(NAME).get();
        return published != null
                && published.getData() != null
                && authority.certificatePem().equals(published.getData().get(CERTIFICATE));
    }

    private AuthorityState.Unusable unusable(String why) {
        return new AuthorityState.Unusable("Secret " + namespace + "/" + NAME + " " + why);
    }

    private static String text(Secret secret, String key) {
        Map<String, String> data = secret.getData();
        if (data == null || data.get(key) == null) {
            throw new IllegalArgumentException(key + " is missing");
        }
        return new String(Base64.getDecoder().decode(data.get(key)), US_ASCII);
    }
}
