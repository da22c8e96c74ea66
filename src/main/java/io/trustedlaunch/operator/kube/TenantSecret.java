package io.trustedlaunch.operator.kube;

import io.fabric8.kubernetes.api.model.Secret;

/** The API server's answer to a read of a Secret in a namespace that may not let the operator read its Secrets. */
public sealed interface TenantSecret {
    record Found(Secret secret) implements TenantSecret {}

    record NotFound() implements TenantSecret {}

    /** Whether the Secret exists is not known. */
    record Forbidden() implements TenantSecret {}
}
