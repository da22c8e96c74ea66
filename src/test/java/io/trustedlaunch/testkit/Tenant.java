package io.trustedlaunch.testkit;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;

/** A user who has the roles that were granted in one namespace, and no others. */
public record Tenant(Cluster cluster, String namespace, String user) {
    public KubernetesClient client() {
        return cluster.impersonating(user, List.of("system:authenticated"), Map.of());
    }

    /** Returns once the API server knows of it. */
    public void grant(String clusterRole) {
        cluster.create(new RoleBindingBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(clusterRole)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", clusterRole)
                .addNewSubject("rbac.authorization.k8s.io", "User", user, null)
                .build());
        SubjectAccessReview question = question(clusterRole);
        await(user + " to have " + clusterRole)
                .atMost(Cluster.TIMEOUT)
                .until(() -> cluster.admin()
                        .authorization()
                        .v1()
                        .subjectAccessReview()
                        .create(question)
                        .getStatus()
                        .getAllowed());
    }

    /** Whether the user may do the last of what the role allows. */
    private SubjectAccessReview question(String clusterRole) {
        PolicyRule rule = cluster.admin().rbac().clusterRoles().withName(clusterRole).get().getRules().stream()
                .filter(last -> !last.getResources().isEmpty())
                .toList()
                .getLast();
        return new SubjectAccessReviewBuilder()
                .withNewSpec()
                .withUser(user)
                .withNewResourceAttributes()
                .withNamespace(namespace)
                .withVerb(rule.getVerbs().getLast())
                .withGroup(rule.getApiGroups().getLast())
                .withResource(rule.getResources().getLast())
                .endResourceAttributes()
                .endSpec()
                .build();
    }
}
