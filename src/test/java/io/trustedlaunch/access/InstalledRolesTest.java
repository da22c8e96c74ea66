package io.trustedlaunch.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.trustedlaunch.testkit.SecretGrant;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The roles that the chart installs by default. */
class InstalledRolesTest {
    private static final Set<String> COVERING_SECRETS = Set.of("secrets", "secrets/*", "*", "*/*");

    @Test
    void noAccountReadsSecretsOfAllNamespaces() {
        Map<String, ClusterRole> roles = Installed.named(ClusterRole.class);
        assertThat(Installed.all(ClusterRoleBinding.class))
                .isNotEmpty()
                .flatExtracting(
                        binding -> roles.get(binding.getRoleRef().getName()).getRules())
                .noneMatch(InstalledRolesTest::coversSecrets);
    }

    @Test
    void theRoleThatNamespacesBindReadsSecretsOneByOneAndNothingElse() {
        assertThat(Installed.named(ClusterRole.class)
                        .get("trusted-launch-secret-reader")
                        .getRules())
                .containsExactly(new PolicyRuleBuilder()
                        .withApiGroups("")
                        .withResources("secrets")
                        .withVerbs("get")
                        .build());
    }

    @Test
    void theRolesOfAdministratorsAreBoundToNobody() {
        assertThat(Installed.named(ClusterRole.class).keySet().stream().filter(name -> name.endsWith("-admin")))
                .hasSize(4)
                .doesNotContainAnyElementsOf(Installed.all(ClusterRoleBinding.class).stream()
                        .map(binding -> binding.getRoleRef().getName())
                        .toList());
    }

    /** Kubernetes adds to its role edit what has this label. */
    @Test
    void editHasNoneOfTheSpecialRights() {
        assertThat(Installed.all(ClusterRole.class).stream()
                        .filter(role -> "true"
                                .equals(role.getMetadata()
                                        .getLabels()
                                        .get("rbac.authorization.k8s.io/aggregate-to-edit")))
                        .map(role -> role.getMetadata().getName()))
                .containsExactlyInAnyOrder("trusted-launch-view", "trusted-launch-edit");
    }

    /** Kubernetes' role admin has it, too, and edit by the chart's value alone. */
    @Test
    void theRightToRemoveTheFilesOfBackupsIsARoleOfItsOwn() {
        ClusterRole role = Installed.named(ClusterRole.class).get("trusted-launch-prune");
        assertThat(role.getRules())
                .containsExactly(new PolicyRuleBuilder()
                        .withApiGroups("trustedlaunch.io")
                        .withResources("vmbackups")
                        .withVerbs("prune")
                        .build());
        assertThat(role.getMetadata().getLabels())
                .containsEntry("rbac.authorization.k8s.io/aggregate-to-admin", "true");
        assertThat(Installed.named(ClusterRole.class).values().stream()
                        .filter(other -> other.getRules().stream()
                                .anyMatch(rule -> rule.getVerbs().contains("prune"))))
                .containsExactly(role);
    }

    /** A namespace's administrators cannot give what they do not have. */
    @Test
    void theRightToReadDisksOfBackupsIsInNoOtherRole() {
        ClusterRole role = Installed.named(ClusterRole.class).get("trusted-launch-backup-download");
        assertThat(role.getMetadata().getLabels().keySet()).noneMatch(label -> label.contains("aggregate-to"));
        assertThat(Installed.named(ClusterRole.class).values().stream()
                        .filter(other -> other.getRules().stream()
                                .anyMatch(rule -> rule.getVerbs().contains("create")
                                        && rule.getResources().contains("vmbackupdownloads"))))
                .containsExactly(role);
        assertThat(Installed.all(ClusterRoleBinding.class))
                .noneMatch(binding -> binding.getRoleRef().getName().equals("trusted-launch-backup-download"));
    }

    /** Each kind with a list of namespaces. */
    @Test
    void aRoleThatIsBoundToNobodyReadsWhatTenantsAreOfferedAndNothingElse() {
        assertThat(Installed.named(ClusterRole.class)
                        .get("trusted-launch-offers")
                        .getRules())
                .containsExactly(new PolicyRuleBuilder()
                        .withApiGroups("trustedlaunch.io")
                        .withResources("guestimages", "vmnetworks", "storagelocations", "backuplocations")
                        .withVerbs("get", "list", "watch")
                        .build());
        assertThat(Installed.all(ClusterRoleBinding.class))
                .noneMatch(binding -> binding.getRoleRef().getName().equals("trusted-launch-offers"));
    }

    /** It refuses to work while one is missing. */
    @Test
    void theOperatorReadsEachPolicyThatIsInstalled() {
        assertThat(Installed.named(ClusterRole.class).get("trusted-launch-operator").getRules().stream()
                        .filter(rule -> rule.getResources().contains("validatingadmissionpolicies"))
                        .flatMap(rule -> rule.getResourceNames().stream()))
                .containsExactlyInAnyOrderElementsOf(
                        Installed.named(ValidatingAdmissionPolicy.class).keySet());
    }

    @Test
    void theDemoGrantsItAsTheMessageSays() {
        assertThat(Installed.in(Path.of("examples/demo/1-image.yaml"), RoleBinding.class)
                        .findFirst()
                        .orElseThrow())
                .isEqualTo(SecretGrant.of("finance"));
    }

    private static boolean coversSecrets(PolicyRule rule) {
        return rule.getApiGroups() != null
                && rule.getApiGroups().stream().anyMatch(Set.of("", "*")::contains)
                && rule.getResources().stream().anyMatch(COVERING_SECRETS::contains);
    }
}
