package io.trustedlaunch.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec.Rule;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Cluster;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The objects that the operator makes by itself, with the rights that the chart gives it. */
class DefaultObjectsIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "defaults");

    private static final String KINDS = "/apis/trustedlaunch.io/v1alpha1/";
    private static final String POLICY = KINDS + "imageeligibilitypolicies/azure-local";

    @BeforeEach
    void awaitThem() {
        await("the operator to have looked at all")
                .atMost(Cluster.TIMEOUT)
                .until(() -> isThere(ImageEligibilityPolicy.class, "azure-local")
                        && isThere(StorageLocation.class, "default"));
    }

    /** The next operator makes it as this one found it. */
    @AfterEach
    void removeChanges() {
        OPERATOR.terminate();
        Call.delete(POLICY).by(CLUSTER.admin());
    }

    private static <T extends HasMetadata> boolean isThere(Class<T> kind, String name) {
        return CLUSTER.admin().resources(kind).withName(name).get() != null;
    }

    @Test
    void theyAreTheReferencesRuleAndTheProductsFolder() {
        assertThat(CLUSTER.admin()
                        .resources(StorageLocation.class)
                        .withName("default")
                        .get()
                        .getSpec()
                        .path())
                .isEqualTo("/var/lib/trusted-launch/vms");
        assertThat(policy())
                .isEqualTo(new ImageEligibilityPolicySpec(
                        Provenance.Signed,
                        ImageEligibilityPolicySpec.Enforcement.Creation,
                        ImageEligibilityPolicySpec.WhenSecureBootOff.Report,
                        List.of(
                                new Rule(
                                        "windows-11",
                                        "microsoftwindowsdesktop",
                                        List.of("windows-11", "office-365"),
                                        List.of("win11-*"),
                                        List.of("win11-24h2*")),
                                new Rule(
                                        "windows-server-2022",
                                        "microsoftwindowsserver",
                                        List.of("windowsserver"),
                                        List.of("2022-*"),
                                        null))));
    }

    @Test
    void aRuleThatWasRemovedIsNotAddedAgain() {
        administrator("{\"spec\": {\"rules\": [{\"name\": \"windows-11\", \"publisher\": \"contoso\"}]}}");
        restart();
        assertThat(policy().rules()).extracting(Rule::publisher).containsExactly("contoso");
    }

    @Test
    void whatAnotherVersionChangesDoesNotReplaceWhatAnAdministratorSet() {
        administrator("{\"metadata\": {\"annotations\": {\"" + Api.APPLIED_DEFAULT
                + "\": \"of another version\"}}, \"spec\": {\"provenance\": \"None\"}}");
        restart();
        await("the conflict to be logged")
                .atMost(Cluster.TIMEOUT)
                .until(() ->
                        OPERATOR.logged().contains("azure-local: stays as it is, without what this version changes")
                                && OPERATOR.logged().contains(".spec.provenance"));
        assertThat(policy().provenance()).isEqualTo(Provenance.None);
    }

    @Test
    void theOperatorMakesNoOtherObjectOfTheirKinds() {
        KubernetesClient operator =
                CLUSTER.withToken(CLUSTER.token(Cluster.NAMESPACE, "trusted-launch-operator", Optional.empty()));
        assertThat(apply("StorageLocation", "storagelocations/other", "path: /srv")
                        .by(operator)
                        .forbidden())
                .isTrue();
        assertThat(apply("ImageEligibilityPolicy", "imageeligibilitypolicies/other", "rules: []")
                        .by(operator)
                        .forbidden())
                .isTrue();
        assertThat(Call.delete(POLICY).dryRun().by(operator).forbidden()).isTrue();
    }

    private static Call apply(String kind, String path, String spec) {
        return Call.apply(
                        KINDS + path,
                        "{apiVersion: trustedlaunch.io/v1alpha1, kind: " + kind + ", metadata: {name: other}, spec: {"
                                + spec + "}}")
                .dryRun();
    }

    private static void administrator(String change) {
        assertThat(Call.merge(POLICY, change).by(CLUSTER.admin()).message()).isEmpty();
    }

    /** Returns once a new leader has looked at both: the location is the last. */
    private static void restart() {
        OPERATOR.terminate();
        Call.delete(KINDS + "storagelocations/default").by(CLUSTER.admin());
        OPERATOR.start();
        await("the location to come back")
                .atMost(Cluster.TIMEOUT)
                .until(() -> isThere(StorageLocation.class, "default"));
    }

    private static ImageEligibilityPolicySpec policy() {
        return CLUSTER.admin()
                .resources(ImageEligibilityPolicy.class)
                .withName("azure-local")
                .get()
                .getSpec();
    }
}
