package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.Api;
import java.util.Optional;

/** What this user may do in a namespace, asked before a long operation of which it is the last step. */
record Rights(KubernetesClient client, String namespace) {
    /** True also if the API server does not say; then it refuses the act itself. */
    boolean include(String verb, String resource) {
        return Optional.ofNullable(PluginWriter.create(
                                client,
                                new SelfSubjectAccessReviewBuilder()
                                        .withNewSpec()
                                        .withNewResourceAttributes()
                                        .withNamespace(namespace)
                                        .withGroup(Api.GROUP)
                                        .withResource(resource)
                                        .withVerb(verb)
                                        .endResourceAttributes()
                                        .endSpec()
                                        .build())
                        .getStatus())
                .map(status -> Boolean.TRUE.equals(status.getAllowed()))
                .orElse(true);
    }
}
