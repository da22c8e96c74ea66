package io.trustedlaunch.operator.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.custody.CertificateAuthority;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.PublishedAuthority;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * Stores an authority: its key in a Secret that only the operator reads, its certificate in a ConfigMap for verifiers. The
 * Secret decides, and is read at each use: that is a few times a day, or once a minute while VMs start, and it may be
 * restored under a running operator.
 */
public final class AuthorityStore<A extends CertificateAuthority> {
    private static final String CERTIFICATE = PublishedAuthority.CERTIFICATE;
    private static final String SECRET_TYPE = Api.GROUP + "/certificate-authority";
    private static final String PRIVATE_KEY = "ca.key";

    private final AuthorityKind<A> kind;
    private final KubernetesClient client;
    private final IdentityWriter writer;
    private final String namespace;
    private final SecureRandom random;
    private final InstantSource clock;

    public AuthorityStore(
            AuthorityKind<A> kind,
            KubernetesClient client,
            IdentityWriter writer,
            String namespace,
            SecureRandom random,
            InstantSource clock) {
        this.kind = kind;
        this.client = client;
        this.writer = writer;
        this.namespace = namespace;
        this.random = random;
        this.clock = clock;
    }

    /**
     * The authority; it is created and published first if necessary, so that agents without a pending request learn of it.
     *
     * @throws IllegalStateException if the Secret exists and holds no usable authority
     */
    public A present() {
        AuthorityState<A> state = read();
        if (state instanceof AuthorityState.Absent<A>) {
            create();
            state = read();
        }
        return switch (state) {
            case AuthorityState.Absent<A> absent ->
                throw new IllegalStateException("Secret " + kind.name() + " was deleted right after its creation");
            case AuthorityState.Unusable<A> unusable -> throw new IllegalStateException(unusable.message());
            case AuthorityState.Present<A> present -> {
                if (!present.published()) {
                    publish(present.authority());
                }
                yield present.authority();
            }
        };
    }

    /** When the authority's certificate expires; empty if there is none, or it has expired. */
    public Optional<Instant> expiration() {
        return read() instanceof AuthorityState.Present<A> present
                ? Certificates.expirationOf(present.authority().certificatePem())
                : Optional.empty();
    }

    AuthorityState<A> read() {
        Secret secret =
                client.secrets().inNamespace(namespace).withName(kind.name()).get();
        if (secret == null) {
            return new AuthorityState.Absent<>();
        }
        try {
            A authority = kind.parser().apply(text(secret, PRIVATE_KEY), text(secret, CERTIFICATE));
            return authority.isValidAt(clock.instant())
                    ? new AuthorityState.Present<>(authority, isPublished(authority))
                    : unusable("has a certificate that is not valid now; delete it: " + kind.replacement());
        } catch (IllegalArgumentException e) {
            return unusable("is not usable (" + e.getMessage() + "); restore it from a backup, or delete it: "
                    + kind.replacement());
        }
    }

    /** If two operators create it, one succeeds, and both use that authority. */
    void create() {
        A authority = kind.factory().apply(random, clock.instant());
        writer.createIfAbsent(new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(kind.name())
                .endMetadata()
                .withType(SECRET_TYPE)
                .withImmutable(true)
                .withStringData(Map.of(
                        PRIVATE_KEY, authority.keyPem(),
                        CERTIFICATE, authority.certificatePem()))
                .build());
    }

    void publish(A authority) {
        Map<String, String> data = Map.of(CERTIFICATE, authority.certificatePem());
        ConfigMap published = writer.createIfAbsent(new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(kind.name())
                .endMetadata()
                .withData(data)
                .build());
        if (!data.equals(published.getData())) {
            writer.replace(new ConfigMapBuilder(published).withData(data).build());
        }
    }

    private boolean isPublished(A authority) {
        ConfigMap published =
                client.configMaps().inNamespace(namespace).withName(kind.name()).get();
        return published != null
                && published.getData() != null
                && authority.certificatePem().equals(published.getData().get(CERTIFICATE));
    }

    private AuthorityState.Unusable<A> unusable(String fault) {
        return new AuthorityState.Unusable<>("Secret " + namespace + "/" + kind.name() + " " + fault);
    }

    private static String text(Secret secret, String key) {
        Map<String, String> data = secret.getData();
        if (data == null || data.get(key) == null) {
            throw new IllegalArgumentException(key + " is missing");
        }
        return new String(Base64.getDecoder().decode(data.get(key)), US_ASCII);
    }
}
