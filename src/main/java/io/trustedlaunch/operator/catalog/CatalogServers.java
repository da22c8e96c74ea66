package io.trustedlaunch.operator.catalog;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.ImageCatalogSpec.HttpsSource;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.operator.catalog.FetchResult.Unavailable;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.web.ServerSecret;
import java.time.Duration;
import java.util.Optional;

/**
 * Fetches catalogs from web servers, with the credentials of the catalog's Secret. The Secret is not watched, and read each
 * time.
 *
 * @param namespace the operator's own, where the Secrets are
 * @param timeout for each file
 */
record CatalogServers(String namespace, ApiReader reader, Duration timeout) {
    FetchResult fetch(HttpsSource source) {
        if (source.credentialsRef() == null) {
            return HttpsFetch.of(source, Optional.empty(), timeout);
        }
        String name = source.credentialsRef().name();
        String named = "spec.source.https.credentialsRef names " + name + ": ";
        Optional<Secret> secret = reader.secret(namespace, name);
        if (secret.isEmpty()) {
            return new Unavailable(
                    Reason.PullSecretNotFound,
                    named + "there is no such Secret in namespace " + namespace + "; create it there");
        }
        PullCredentials credentials;
        try {
            credentials = new ServerSecret(secret.get()).credentials();
        } catch (IllegalArgumentException e) {
            return new Unavailable(Reason.PullSecretInvalid, named + e.getMessage() + "; replace the Secret");
        }
        return HttpsFetch.of(source, Optional.of(credentials), timeout);
    }
}
