package io.trustedlaunch.operator.catalog;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.ImageCatalogSpec.HttpsSource;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.operator.catalog.FetchResult.Unavailable;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.kube.ServerSecret;
import java.time.Duration;
import java.util.Optional;

/**
 * Asks catalogs' servers as whoever a catalog's Secret says. The Secret is read anew each time: nothing watches it.
 *
 * @param namespace the operator's own, where the Secrets are
 * @param patience with each file
 */
record CatalogServers(String namespace, ApiReader tenants, Duration patience) {
    FetchResult fetch(HttpsSource source) {
        if (source.credentialsRef() == null) {
            return HttpsFetch.of(source, Optional.empty(), patience);
        }
        String name = source.credentialsRef().name();
        String named = "spec.source.https.credentialsRef names " + name + ": ";
        Optional<Secret> secret = tenants.secret(namespace, name);
        if (secret.isEmpty()) {
            return new Unavailable(
                    Reason.PullSecretNotFound,
                    named + "there is no such Secret in namespace " + namespace + "; make it there");
        }
        PullCredentials credentials;
        try {
            credentials = new ServerSecret(secret.get()).credentials();
        } catch (IllegalArgumentException e) {
            return new Unavailable(Reason.PullSecretInvalid, named + e.getMessage());
        }
        return HttpsFetch.of(source, Optional.of(credentials), patience);
    }
}
