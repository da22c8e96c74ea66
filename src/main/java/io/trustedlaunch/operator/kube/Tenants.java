package io.trustedlaunch.operator.kube;

import io.fabric8.kubernetes.api.model.Secret;
import java.util.Optional;

/** What is asked of tenants' namespaces, one question at a time: nothing there is watched. */
public interface Tenants {
    boolean isTerminating(String namespace);

    Optional<Secret> secret(String namespace, String name);
}
