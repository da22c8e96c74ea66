package io.trustedlaunch.operator.image;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageSpec.HttpsSource;
import io.trustedlaunch.api.image.GuestImageSpec.OciSource;
import io.trustedlaunch.api.image.GuestImageSpec.Source;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.web.ServerSecret;
import java.util.Optional;

/** Reads the Secret with the credentials for a source. */
public final class PullSecretReader {
    private static final String DOCKER_CONFIG = "kubernetes.io/dockerconfigjson";

    private PullSecretReader() {}

    /** The Secret that the source names. */
    public static Optional<String> secretName(Source source) {
        return Optional.ofNullable(source.https())
                .map(HttpsSource::credentialsRef)
                .or(() -> Optional.ofNullable(source.oci()).map(OciSource::pullSecretRef))
                .map(ObjectRef::name);
    }

    /**
     * @param namespace the operator's own
     * @param secret named by {@link #secretName}; empty if it does not exist
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
                    named + "there is no such Secret in namespace " + namespace + "; create it there");
        }
        try {
            ServerSecret found = new ServerSecret(secret.get());
            return new PullCredentialsFacts.Found(
                    source.https() != null ? found.credentials() : ofRegistry(source.oci(), found));
        } catch (IllegalArgumentException e) {
            return new PullCredentialsFacts.Unusable(
                    Reason.PullSecretInvalid, named + e.getMessage() + "; replace the Secret");
        }
    }

    private static PullCredentials ofRegistry(OciSource source, ServerSecret secret) {
        return DockerConfig.parse(secret.field(
                        ".dockerconfigjson", DOCKER_CONFIG, "as kubectl create secret docker-registry creates it"))
                .credentialsFor(source.reference());
    }
}
