package io.trustedlaunch.operator.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.GuestImageSpec.HttpsSource;
import io.trustedlaunch.api.GuestImageSpec.OciSource;
import io.trustedlaunch.api.GuestImageSpec.Source;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.PullCredentials;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * Checks the Secret that a source's credentials are in. Its type says that it is meant to be shown to a server: whoever
 * makes GuestImages chooses both, and the operator's namespace has Secrets that no server may see.
 */
public final class PullSecretReader {
    private static final String BASIC = "kubernetes.io/basic-auth";
    private static final String DOCKER_CONFIG = "kubernetes.io/dockerconfigjson";

    private PullSecretReader() {}

    /** Which one it is; empty if the source names none. */
    public static Optional<String> secretName(Source source) {
        return Optional.ofNullable(source.https())
                .map(HttpsSource::credentialsRef)
                .or(() -> Optional.ofNullable(source.oci()).map(OciSource::pullSecretRef))
                .map(ObjectRef::name);
    }

    /**
     * @param namespace the operator's own
     * @param secret that {@link #secretName} names; empty if there is none
     */
    public static PullCredentialsFacts read(Source source, String namespace, Optional<Secret> secret) {
        Optional<String> name = secretName(source);
        if (name.isEmpty()) {
            return new PullCredentialsFacts.NotNeeded();
        }
        String field = source.https() != null ? "spec.source.https.credentialsRef" : "spec.source.oci.pullSecretRef";
        String named = field + " names " + name.get() + ": ";
        if (secret.isEmpty()) {
            return new PullCredentialsFacts.Unusable(
                    Reason.PullSecretNotFound,
                    named + "there is no such Secret in namespace " + namespace + "; make it there");
        }
        try {
            return new PullCredentialsFacts.Found(
                    source.https() != null ? ofServer(secret.get()) : ofRegistry(source.oci(), secret.get()));
        } catch (IllegalArgumentException e) {
            return new PullCredentialsFacts.Unusable(Reason.PullSecretInvalid, named + e.getMessage());
        }
    }

    private static PullCredentials ofServer(Secret secret) {
        if (BASIC.equals(secret.getType())) {
            return PullCredentials.basic(field(secret, "username"), field(secret, "password"));
        }
        if (Api.BEARER_TOKEN_TYPE.equals(secret.getType())) {
            return PullCredentials.bearer(field(secret, "token"));
        }
        throw otherType(secret, BASIC + " (username, password) or " + Api.BEARER_TOKEN_TYPE + " (token)");
    }

    private static PullCredentials ofRegistry(OciSource source, Secret secret) {
        if (!DOCKER_CONFIG.equals(secret.getType())) {
            throw otherType(secret, DOCKER_CONFIG + ", as kubectl create secret docker-registry makes it");
        }
        return DockerConfig.parse(field(secret, ".dockerconfigjson")).credentialsFor(source.reference());
    }

    private static IllegalArgumentException otherType(Secret secret, String wanted) {
        return new IllegalArgumentException("the Secret has type " + secret.getType() + ", and must have " + wanted);
    }

    private static String field(Secret secret, String key) {
        String value = Optional.ofNullable(secret.getData()).orElse(Map.of()).get(key);
        if (value == null) {
            throw new IllegalArgumentException("the Secret lacks the key " + key);
        }
        return new String(Base64.getDecoder().decode(value), UTF_8);
    }
}
