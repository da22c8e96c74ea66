package io.trustedlaunch.testkit;

import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;

/** What {@code SecretNotReadable} asks for: a namespace lets the operator read the Secrets that its VMs name. */
public final class SecretGrant {
    private SecretGrant() {}

    public static RoleBinding of(String namespace) {
        return new RoleBindingBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("trusted-launch-secrets")
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "trusted-launch-secret-reader")
                .addNewSubject(null, "ServiceAccount", "trusted-launch-operator", Cluster.NAMESPACE)
                .build();
    }
}
