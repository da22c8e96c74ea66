package io.trustedlaunch.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MatchCondition;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MatchResourcesBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Somebody has changed a policy that keeps agents to their nodes, and its name is still there. */
class AccessPoliciesTest {
    private static final String WRITES = "trusted-launch-agent-writes";

    private final Map<String, HasMetadata> server = new HashMap<>();
    private final AccessPolicies policies =
            new AccessPolicies("vms", wanted -> Optional.ofNullable(server.get(key(wanted))));

    AccessPoliciesTest() {
        AccessPolicies.expected("vms").forEach(policy -> server.put(key(policy), withDefaults(policy)));
    }

    @Test
    void asTheChartInstallsThemTheyAreInForce() {
        assertThat(policies.problems()).isEmpty();
        assertThat(server.keySet())
                .contains(
                        "ValidatingAdmissionPolicy " + WRITES,
                        "ValidatingAdmissionPolicyBinding " + WRITES,
                        "ValidatingAdmissionPolicyBinding trusted-launch-console-request",
                        "ValidatingAdmissionPolicyBinding trusted-launch-guest-state-approval");
        assertThat(policy().getSpec().getMatchConditions().getFirst().getExpression())
                .contains("system:serviceaccount:vms:trusted-launch-agent");
    }

    @Test
    void aMissingOneIsNamed() {
        server.remove("ValidatingAdmissionPolicyBinding " + WRITES);
        assertThat(policies.problems()).containsExactly("ValidatingAdmissionPolicyBinding " + WRITES + " is missing");
    }

    @Test
    void anEmptiedPolicyIsRefused() {
        assertChanged("validations", policy -> policy.getSpec().setValidations(List.of()));
        assertChanged(
                "validations[0].expression",
                policy -> policy.getSpec().getValidations().getFirst().setExpression("true"));
        assertChanged(
                "variables[0].expression",
                policy -> policy.getSpec().getVariables().getFirst().setExpression("'any'"));
    }

    @Test
    void aPolicyThatMatchesFewerRequestsIsRefused() {
        assertChanged("failurePolicy", policy -> policy.getSpec().setFailurePolicy("Ignore"));
        assertChanged(
                "matchConditions",
                policy -> policy.getSpec()
                        .setMatchConditions(Stream.concat(
                                        policy.getSpec().getMatchConditions().stream(),
                                        Stream.of(new MatchCondition("false", "never")))
                                .toList()));
        assertChanged(
                "matchConstraints.matchPolicy",
                policy -> policy.getSpec().getMatchConstraints().setMatchPolicy("Exact"));
        assertChanged(
                "matchConstraints.namespaceSelector",
                policy -> policy.getSpec()
                        .getMatchConstraints()
                        .setNamespaceSelector(new LabelSelectorBuilder()
                                .addToMatchLabels("no", "where")
                                .build()));
        assertChanged(
                "matchConstraints.resourceRules[0].operations[0]",
                policy -> policy.getSpec()
                        .getMatchConstraints()
                        .getResourceRules()
                        .getFirst()
                        .setOperations(List.of("DELETE")));
        assertChanged(
                "matchConstraints.resourceRules[0].scope",
                policy -> policy.getSpec()
                        .getMatchConstraints()
                        .getResourceRules()
                        .getFirst()
                        .setScope("Cluster"));
    }

    @Test
    void aBindingThatDeniesNothingIsRefused() {
        assertUnbound("validationActions[0]", binding -> binding.getSpec().setValidationActions(List.of("Audit")));
        assertUnbound("validationActions", binding -> binding.getSpec().setValidationActions(List.of()));
        assertUnbound("policyName", binding -> binding.getSpec().setPolicyName("another"));
        assertUnbound(
                "matchResources",
                binding -> binding.getSpec()
                        .setMatchResources(new MatchResourcesBuilder()
                                .withNewObjectSelector()
                                .addToMatchLabels("no", "object")
                                .endObjectSelector()
                                .build()));
    }

    @Test
    void theOperatorsCopyIsTheChartsOwn() throws IOException {
        assertThat(documents("src/main/resources/io/trustedlaunch/operator/access-policies.yaml"))
                .as("run bin/generate")
                .isEqualTo(documents("deploy/trusted-launch-operator.yaml"));
    }

    @Test
    void theOperatorMayReadThemAll() throws IOException {
        ClusterRole role = Stream.of(Files.readString(Path.of("deploy/trusted-launch-operator.yaml"))
                        .split("(?m)^---$"))
                .filter(document -> document.contains("\nkind: ClusterRole\n"))
                .map(document -> Serialization.unmarshal(document, ClusterRole.class))
                .filter(found -> found.getMetadata().getName().equals("trusted-launch-operator"))
                .findFirst()
                .orElseThrow();
        assertThat(role.getRules().stream()
                        .filter(rule -> rule.getResources().contains("validatingadmissionpolicies"))
                        .flatMap(rule -> rule.getResourceNames().stream()))
                .containsExactlyInAnyOrderElementsOf(AccessPolicies.expected("vms").stream()
                        .map(policy -> policy.getMetadata().getName())
                        .collect(Collectors.toSet()));
    }

    private static List<String> documents(String file) throws IOException {
        return Stream.of(Files.readString(Path.of(file)).split("(?m)^---$"))
                .filter(document -> document.contains("\nkind: ValidatingAdmissionPolicy"))
                .map(String::strip)
                .collect(Collectors.toList());
    }

    private ValidatingAdmissionPolicy policy() {
        return (ValidatingAdmissionPolicy) server.get("ValidatingAdmissionPolicy " + WRITES);
    }

    private void assertChanged(String field, Consumer<ValidatingAdmissionPolicy> change) {
        HasMetadata before = server.get("ValidatingAdmissionPolicy " + WRITES);
        server.put(key(before), copy(before));
        change.accept(policy());
        assertThat(policies.problems())
                .containsExactly("ValidatingAdmissionPolicy " + WRITES
                        + " is not the one of this version's chart: spec." + field + " differs");
        server.put(key(before), before);
    }

    private void assertUnbound(String field, Consumer<ValidatingAdmissionPolicyBinding> change) {
        HasMetadata before = server.get("ValidatingAdmissionPolicyBinding " + WRITES);
        server.put(key(before), copy(before));
        change.accept((ValidatingAdmissionPolicyBinding) server.get(key(before)));
        assertThat(policies.problems())
                .containsExactly("ValidatingAdmissionPolicyBinding " + WRITES
                        + " is not the one of this version's chart: spec." + field + " differs");
        server.put(key(before), before);
    }

    /** As the API server adds them. */
    private static HasMetadata withDefaults(HasMetadata object) {
        if (object instanceof ValidatingAdmissionPolicy policy) {
            var match = policy.getSpec().getMatchConstraints();
            match.setMatchPolicy("Equivalent");
            match.setNamespaceSelector(new LabelSelectorBuilder().build());
            match.setObjectSelector(new LabelSelectorBuilder().build());
            match.getResourceRules().forEach(rule -> rule.setScope("*"));
            match.getExcludeResourceRules().forEach(rule -> rule.setScope("*"));
        }
        return object;
    }

    private static HasMetadata copy(HasMetadata object) {
        return Serialization.clone(object);
    }

    private static String key(HasMetadata object) {
        return object.getKind() + " " + object.getMetadata().getName();
    }
}
