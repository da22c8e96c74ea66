package io.trustedlaunch.operator.kube;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMMigration;
import java.util.Optional;

/** What is asked of tenants' namespaces, one question at a time: nothing there is watched. */
public interface ApiReader {
    boolean isTerminating(String namespace);

    Optional<Secret> secret(String namespace, String name);

    /** The VM as the API server has it now, whatever the caches say. */
    Optional<TrustedLaunchVM> vm(String namespace, String name);

    /** The migration as the API server has it now, whatever the caches say. */
    Optional<VMMigration> migration(String namespace, String name);
}
