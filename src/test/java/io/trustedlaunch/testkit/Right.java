package io.trustedlaunch.testkit;

import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.RoleRef;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.testkit.AuditLog.Request;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.stream.Stream;

/**
 * One thing that a role lets an account do.
 *
 * @param resource with its subresource
 * @param name of the only object that it is about; empty: all
 * @param namespace of the objects; empty: all
 */
@RecordBuilder
public record Right(String account, String verb, String group, String resource, String name, String namespace) {
    /** Those that roles of the cluster and of any namespace give the account of the namespace. */
    public static Stream<Right> of(String account, String namespace, KubernetesClient admin) {
        Stream<Right> everywhere = admin.rbac().clusterRoleBindings().list().getItems().stream()
                .filter(binding -> names(binding.getSubjects(), account, namespace))
                .flatMap(binding -> rules(binding.getRoleRef(), namespace, admin).stream())
                .flatMap(rule -> of(account, "", rule));
        Stream<Right> somewhere = admin.rbac().roleBindings().inAnyNamespace().list().getItems().stream()
                .filter(binding -> names(binding.getSubjects(), account, namespace))
                .flatMap(binding -> {
                    String there = binding.getMetadata().getNamespace();
                    return rules(binding.getRoleRef(), there, admin).stream().flatMap(rule -> of(account, there, rule));
                });
        return Stream.concat(everywhere, somewhere);
    }

    private static boolean names(List<Subject> subjects, String account, String namespace) {
        return subjects.stream()
                .anyMatch(subject -> account.equals(subject.getName()) && namespace.equals(subject.getNamespace()));
    }

    private static List<PolicyRule> rules(RoleRef role, String namespace, KubernetesClient admin) {
        return role.getKind().equals("ClusterRole")
                ? admin.rbac().clusterRoles().withName(role.getName()).get().getRules()
                : admin.rbac()
                        .roles()
                        .inNamespace(namespace)
                        .withName(role.getName())
                        .get()
                        .getRules();
    }

    private static Stream<Right> of(String account, String namespace, PolicyRule rule) {
        List<String> names = rule.getResourceNames().isEmpty() ? List.of("") : rule.getResourceNames();
        return rule.getApiGroups().stream()
                .flatMap(group -> rule.getResources().stream()
                        .flatMap(resource -> rule.getVerbs().stream()
                                .flatMap(verb -> names.stream()
                                        .map(name -> RightBuilder.builder()
                                                .account(account)
                                                .verb(verb)
                                                .group(group)
                                                .resource(resource)
                                                .name(name)
                                                .namespace(namespace)
                                                .build()))));
    }

    /** Also if the request failed later, for example because there is no such object. */
    public boolean isUsedBy(Request request) {
        return request.authorized()
                && request.user().equals(account)
                && request.group().equals(group)
                && request.resource().equals(resource)
                && (request.verb().equals(verb) || (verb.equals("create") && createsByApply(request)))
                && (name.isEmpty() || request.name().equals(name))
                && (namespace.isEmpty() || request.namespace().equals(namespace));
    }

    /** It takes both verbs, and is a patch in the audit log. */
    private static boolean createsByApply(Request request) {
        return request.verb().equals("patch") && request.code() == HttpURLConnection.HTTP_CREATED;
    }

    @Override
    public String toString() {
        String object = name.isEmpty() ? "" : " " + name;
        return account + ": " + verb + " " + resource + (group.isEmpty() ? "" : "." + group) + object;
    }
}
