package io.trustedlaunch.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.trustedlaunch.testkit.SecretGrant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The roles that the chart installs by default. */
class InstalledRolesTest {
    private static final KubernetesSerialization YAML = new KubernetesSerialization();
    private static final Path INSTALLED = Path.of("deploy/trusted-launch-operator.yaml");
    private static final Set<String> COVERING_SECRETS = Set.of("secrets", "secrets/*", "*", "*/*");

    @Test
    void noAccountReadsSecretsOfAllNamespaces() {
        Map<String, ClusterRole> roles = named(ClusterRole.class);
        assertThat(installed(ClusterRoleBinding.class))
                .isNotEmpty()
                .flatExtracting(
                        binding -> roles.get(binding.getRoleRef().getName()).getRules())
                .noneMatch(InstalledRolesTest::coversSecrets);
    }

    @Test
    void theRoleThatNamespacesBindReadsSecretsOneByOneAndNothingElse() {
        assertThat(named(ClusterRole.class).get("trusted-launch-secret-reader").getRules())
                .containsExactly(new PolicyRuleBuilder()
                        .withApiGroups("")
                        .withResources("secrets")
                        .withVerbs("get")
                        .build());
    }

    @Test
    void theRolesOfAdministratorsAreBoundToNobody() {
        assertThat(named(ClusterRole.class).keySet().stream().filter(name -> name.endsWith("-admin")))
                .hasSize(4)
                .doesNotContainAnyElementsOf(installed(ClusterRoleBinding.class).stream()
                        .map(binding -> binding.getRoleRef().getName())
                        .toList());
    }

    /** It refuses to work while one is missing. */
    @Test
    void theOperatorReadsEachPolicyThatIsInstalled() {
        assertThat(named(ClusterRole.class).get("trusted-launch-operator").getRules().stream()
                        .filter(rule -> rule.getResources().contains("validatingadmissionpolicies"))
                        .flatMap(rule -> rule.getResourceNames().stream()))
                .containsExactlyInAnyOrderElementsOf(
                        named(ValidatingAdmissionPolicy.class).keySet());
    }

    @Test
    void theDemoGrantsItAsTheMessageSays() {
        assertThat(of(Path.of("examples/demo/1-image.yaml"), RoleBinding.class)
                        .findFirst()
                        .orElseThrow())
                .isEqualTo(SecretGrant.of("finance"));
    }

    private static boolean coversSecrets(PolicyRule rule) {
        return rule.getApiGroups() != null
                && rule.getApiGroups().stream().anyMatch(Set.of("", "*")::contains)
                && rule.getResources().stream().anyMatch(COVERING_SECRETS::contains);
    }

    private static <T extends HasMetadata> Map<String, T> named(Class<T> kind) {
        return installed(kind).stream()
                .collect(Collectors.toMap(object -> object.getMetadata().getName(), object -> object));
    }

    private static <T extends HasMetadata> List<T> installed(Class<T> kind) {
        return of(INSTALLED, kind).toList();
    }

    private static <T extends HasMetadata> Stream<T> of(Path manifest, Class<T> kind) {
        try {
            return Arrays.stream(Files.readString(manifest).split("(?m)^---$"))
                    .filter(document -> document.contains("\nkind: " + kind.getSimpleName() + "\n"))
                    .map(document -> YAML.unmarshal(document, kind));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
