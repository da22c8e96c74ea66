package io.trustedlaunch.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageStatus;
import io.trustedlaunch.api.image.GuestImageStatusBuilder;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.image.ImageCatalogSpec;
import io.trustedlaunch.api.image.ImageCatalogSpec.HttpsSource;
import io.trustedlaunch.api.image.ImageCatalogStatus;
import io.trustedlaunch.api.image.ImageCatalogStatus.InForce;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec.Enforcement;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.testkit.CatalogServer;
import io.trustedlaunch.testkit.CatalogSigningKey;
import io.trustedlaunch.testkit.CatalogText;
import io.trustedlaunch.testkit.Cluster;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Signed catalogs on a real API server, under the roles of the chart; the test plays the agent. */
class CatalogIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "catalog");

    private static final Duration PATIENCE = Cluster.TIMEOUT;
    private static final String DIGEST = "ab".repeat(32);
    private static final String OTHER = "cd".repeat(32);
    private static final CatalogSigningKey KEY = CatalogSigningKey.ecdsa();

    private static PlayedAgent agent;

    /** The name of the publisher, and of all objects of a test. */
    private String name;

    @BeforeAll
    static void startAgent() {
        agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host"))).register();
    }

    @AfterAll
    static void stopAgent() {
        agent.close();
    }

    @BeforeEach
    void createPolicy() {
        name = Cluster.uniqueName("contoso");
        policy(Enforcement.Creation);
    }

    @Test
    void aVmIsCreatedFromAnImageWhoseDigestASignedCatalogLists() {
        GuestImage image = image(null);
        awaitEligible(image, "False", Reason.DigestUnknown);
        sign(KEY, 1, DIGEST);
        catalog();

        awaitEligible(image, "True", Reason.EligibleByRule);
        GuestImageStatus status = read(image).getStatus();
        assertThat(status.provenance()).isEqualTo(Provenance.Signed);
        assertThat(status.sha256()).isEqualTo(DIGEST);
        assertThat(status.size()).hasToString("1Mi");
        await("the policy to count the image")
                .atMost(PATIENCE)
                .until(() -> Optional.ofNullable(CLUSTER.admin()
                                .resources(ImageEligibilityPolicy.class)
                                .withName(name)
                                .get()
                                .getStatus()
                                .matchedImages())
                        .equals(Optional.of(1)));
        VMIncarnation incarnation = agent.awaitIncarnation(vm().getMetadata().getUid(), 1);
        assertThat(incarnation.getSpec().machine().image().sha256()).isEqualTo(DIGEST);
        assertThat(read(incarnation.getSpec().vmRef().namespace()).getStatus().image())
                .isEqualTo(new RecordedImage(name, DIGEST, Provenance.Signed));
    }

    @Test
    void aBadCatalogIsRejectedAndTheLastGoodOneSurvivesTheOperator() {
        GuestImage image = image(DIGEST);
        sign(KEY, 2, DIGEST);
        ImageCatalog catalog = catalog();
        awaitEligible(image, "True", Reason.EligibleByRule);

        sign(CatalogSigningKey.ecdsa(), 3, OTHER);
        awaitCurrent(catalog, "False", Reason.CatalogSignatureInvalid);
        sign(KEY, 1, OTHER);
        awaitCurrent(catalog, "False", Reason.CatalogOlder);
        assertThat(read(catalog).getStatus().inForce().serial()).isEqualTo(2);
        // Events follow their condition: an operator that is killed in between does not write them.
        await("both events")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(events(catalog))
                        .contains("Warning CatalogSignatureInvalid", "Warning CatalogOlder"));
        OPERATOR.kill();
        OPERATOR.start();
        agent.awaitNewLeader();
        agent.answerLeader();
        forgeStatus(catalog);
        await("the operator to report again what is in force")
                .atMost(PATIENCE)
                .until(() -> Optional.ofNullable(read(catalog).getStatus().inForce())
                        .filter(inForce -> inForce.serial() == 2)
                        .isPresent());
        awaitCurrent(catalog, "False", Reason.CatalogOlder);
        assertThat(condition(read(image), ConditionType.Eligible).getStatus()).isEqualTo("True");
        assertThat(read(image).getStatus().provenance()).isEqualTo(Provenance.Signed);

        sign(KEY, 3, DIGEST);
        awaitCurrent(catalog, "True", Reason.CatalogInForce);
    }

    /** A forged status must change nothing. The spec changes too, to trigger the operator. */
    private static void forgeStatus(ImageCatalog catalog) {
        named(ImageCatalog.class, catalog).editStatus(forged -> {
            forged.setStatus(new ImageCatalogStatus(
                    1L,
                    new InForce(99L, 1, CatalogText.NEVER, "ab"),
                    forged.getStatus().conditions()));
            return forged;
        });
        patch(catalog, "{\"spec\": {\"publicKeys\": " + json(KEY.publicKey(), KEY.publicKey()) + "}}");
    }

    @Test
    void theRecordedDigestOfAnImageIsNeverOverwritten() {
        GuestImage image = image(null);
        sign(KEY, 1, DIGEST);
        catalog();
        awaitEligible(image, "True", Reason.EligibleByRule);

        assertThatThrownBy(() -> named(GuestImage.class, image).editStatus(forged -> {
                    forged.setStatus(GuestImageStatusBuilder.builder()
                            .observedGeneration(1L)
                            .sha256(OTHER)
                            .conditions(List.of())
                            .build());
                    return forged;
                }))
                .hasMessageContaining("sha256 never changes");
        sign(KEY, 2, OTHER);
        awaitEligible(image, "False", Reason.DigestChanged);
        assertThat(read(image).getStatus().sha256()).isEqualTo(DIGEST);
        sign(KEY, 3, DIGEST);
        awaitEligible(image, "True", Reason.EligibleByRule);
    }

    @Test
    void aVmWhoseImageIsNoLongerEligibleIsStartedAgainUnlessAPolicyAppliesAtEveryStart() {
        image(DIGEST);
        sign(KEY, 1, DIGEST);
        ImageCatalog catalog = catalog();
        TrustedLaunchVM vm = vm();
        String namespace = vm.getMetadata().getNamespace();
        String uid = vm.getMetadata().getUid();
        VMIncarnation first = agent.awaitIncarnation(uid, 1);
        agent.report(first, PlayedStatus.runs(1));
        awaitVm(namespace, "to run", Reason.Running);

        patch(
                catalog,
                "{\"spec\": {\"publicKeys\": " + json(CatalogSigningKey.ecdsa().publicKey()) + "}}");
        await("the condition of the VM")
                .atMost(PATIENCE)
                .until(() -> condition(read(namespace), ConditionType.ImageEligible)
                        .getStatus()
                        .equals("False"));
        assertThat(condition(read(namespace), ConditionType.ImageEligible).getReason())
                .isEqualTo(Reason.ProvenanceMissing.name());
        assertThat(condition(read(namespace), ConditionType.Ready).getStatus()).isEqualTo("True");
        await("the warning")
                .atMost(PATIENCE)
                .until(() -> events(read(namespace)).contains("Warning ProvenanceMissing"));

        agent.report(first, PlayedStatus.crashed(1));
        VMIncarnation second = agent.awaitIncarnation(uid, 2);
        agent.report(second, PlayedStatus.runs(2));
        awaitVm(namespace, "to run again", Reason.Running);
        policy(Enforcement.EveryStart);
        agent.report(second, PlayedStatus.crashed(2));
        awaitVm(namespace, "to be refused", Reason.ProvenanceMissing);
        assertThat(agent.incarnation(uid, 3)).isNull();

        patch(catalog, "{\"spec\": {\"publicKeys\": " + json(KEY.publicKey()) + "}}");
        agent.awaitIncarnation(uid, 3);
    }

    @Test
    void anotherPolicyIsAppliedToImagesAtOnce() {
        GuestImage image = image(DIGEST);
        awaitEligible(image, "False", Reason.ProvenanceMissing);
        ImageEligibilityPolicy named = new ImageEligibilityPolicy();
        named.setMetadata(new ObjectMetaBuilder().withName(name + "-named").build());
        named.setSpec(new ImageEligibilityPolicySpec(
                Provenance.None,
                Enforcement.Creation,
                ImageEligibilityPolicySpec.WhenSecureBootOff.Report,
                List.of(new ImageEligibilityPolicySpec.Rule("all", name, null, null, null))));
        CLUSTER.create(named);
        awaitEligible(image, "True", Reason.EligibleByRule);
        CLUSTER.admin().resource(named).delete();
        awaitEligible(image, "False", Reason.ProvenanceMissing);
    }

    @Test
    void aCatalogExpiresByItself() {
        GuestImage image = image(DIGEST);
        String soon =
                Instant.now().plusSeconds(8).truncatedTo(ChronoUnit.SECONDS).toString();
        put(KEY, CatalogText.of(1, soon, CatalogText.image(name, "sku", "1", DIGEST)));
        ImageCatalog catalog = catalog();
        awaitEligible(image, "True", Reason.EligibleByRule);
        awaitEligible(image, "False", Reason.ProvenanceMissing);
        awaitCurrent(catalog, "False", Reason.CatalogExpired);
        assertThat(condition(read(catalog), ConditionType.Ready).getReason()).isEqualTo(Reason.CatalogExpired.name());
    }

    @Test
    void aCatalogIsFetchedFromAWebServerWithItsOwnAuthority(@TempDir Path keys) throws Exception {
        try (CatalogServer server = new CatalogServer(keys)) {
            GuestImage image = image(null);
            byte[] content = CatalogText.of(1, CatalogText.NEVER, CatalogText.image(name, "sku", "1", DIGEST));
            server.serve("/catalog.json", content);
            ImageCatalog catalog = catalog(new ImageCatalogSpec.Source(
                    null, new HttpsSource(server.url("/catalog.json"), null, server.authority(), 1, null)));
            awaitCurrent(catalog, "False", Reason.CatalogUnsigned);
            assertThat(condition(read(image), ConditionType.Eligible).getStatus())
                    .isEqualTo("False");

            // It is fetched again without a change.
            server.serve("/catalog.json.sig", KEY.sign(content).getBytes(UTF_8));
            awaitEligible(image, "True", Reason.EligibleByRule);
            server.respond("/catalog.json", 500);
            patch(catalog, "{\"spec\": {\"source\": {\"https\": {\"refreshMinutes\": 2}}}}");
            awaitCurrent(catalog, "False", Reason.CatalogUnreachable);
            assertThat(condition(read(image), ConditionType.Eligible).getStatus())
                    .isEqualTo("True");
        }
    }

    @Test
    void aCatalogIsFetchedFromAWebServerThatRequiresCredentials(@TempDir Path keys) throws Exception {
        try (CatalogServer server = new CatalogServer(keys)) {
            GuestImage image = image(null);
            byte[] content = CatalogText.of(1, CatalogText.NEVER, CatalogText.image(name, "sku", "1", DIGEST));
            server.serve("/catalog.json", content);
            server.serve("/catalog.json.sig", KEY.sign(content).getBytes(UTF_8));
            server.requireAuthorization("/catalog.json", "Bearer hunter2");
            server.requireAuthorization("/catalog.json.sig", "Bearer hunter2");
            ImageCatalog catalog = catalog(new ImageCatalogSpec.Source(
                    null,
                    new HttpsSource(server.url("/catalog.json"), null, server.authority(), 1, new ObjectRef(name))));
            awaitCurrent(catalog, "False", Reason.PullSecretNotFound);

            // It is read again without an event.
            CLUSTER.admin()
                    .resource(new SecretBuilder()
                            .withNewMetadata()
                            .withNamespace(Cluster.NAMESPACE)
                            .withName(name)
                            .endMetadata()
                            .withType(Api.BEARER_TOKEN_TYPE)
                            .addToStringData("token", "hunter2")
                            .build())
                    .create();
            awaitEligible(image, "True", Reason.EligibleByRule);
        }
    }

    @Test
    void theCacheIsDeletedWithTheImageCatalogAndANewOneStartsWithoutIt() {
        GuestImage image = image(DIGEST);
        sign(KEY, 5, DIGEST);
        ImageCatalog catalog = catalog();
        awaitEligible(image, "True", Reason.EligibleByRule);
        String kept = "image-catalog-" + catalog.getMetadata().getUid();
        assertThat(secret(kept).getType()).isEqualTo(Api.IMAGE_CATALOG_TYPE);

        CLUSTER.admin().resource(catalog).delete();
        awaitEligible(image, "False", Reason.ProvenanceMissing);
        await("the Secret to be garbage-collected").atMost(PATIENCE).until(() -> secret(kept) == null);
        sign(KEY, 1, DIGEST);
        catalog();
        awaitEligible(image, "True", Reason.EligibleByRule);
    }

    private static Secret secret(String name) {
        return CLUSTER.admin()
                .secrets()
                .inNamespace(Cluster.NAMESPACE)
                .withName(name)
                .get();
    }

    private GuestImage image(String sha256) {
        return CLUSTER.create(OfferedImage.named(name, name, sha256));
    }

    private TrustedLaunchVM vm() {
        return CLUSTER.admin()
                .resource(OfferedImage.vm(CLUSTER.namespace(), "payroll", name))
                .create();
    }

    private void policy(Enforcement enforcement) {
        ImageEligibilityPolicy policy = new ImageEligibilityPolicy();
        policy.setMetadata(new ObjectMetaBuilder().withName(name).build());
        policy.setSpec(new ImageEligibilityPolicySpec(
                Provenance.Signed,
                enforcement,
                ImageEligibilityPolicySpec.WhenSecureBootOff.Report,
                List.of(new ImageEligibilityPolicySpec.Rule("all", name, null, null, null))));
        CLUSTER.removeAfterClass(
                CLUSTER.admin().resource(policy).forceConflicts().serverSideApply());
    }

    private void sign(CatalogSigningKey key, long serial, String digest) {
        put(key, CatalogText.of(serial, CatalogText.NEVER, CatalogText.image(name, "sku", "1", digest)));
    }

    private void put(CatalogSigningKey key, byte[] content) {
        CLUSTER.removeAfterClass(CLUSTER.admin()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(Cluster.NAMESPACE)
                        .withName(name)
                        .endMetadata()
                        .withData(Map.of(
                                "catalog.json", new String(content, UTF_8), "catalog.json.sig", key.sign(content)))
                        .build())
                .forceConflicts()
                .serverSideApply());
    }

    private ImageCatalog catalog() {
        return catalog(new ImageCatalogSpec.Source(new ObjectRef(name), null));
    }

    private ImageCatalog catalog(ImageCatalogSpec.Source source) {
        ImageCatalog catalog = new ImageCatalog();
        catalog.setMetadata(new ObjectMetaBuilder().withName(name).build());
        catalog.setSpec(new ImageCatalogSpec(CatalogText.NAME, List.of(KEY.publicKey()), source));
        return CLUSTER.create(catalog);
    }

    private static void patch(ImageCatalog catalog, String change) {
        CLUSTER.admin().resource(catalog).patch(PatchContext.of(PatchType.JSON_MERGE), change);
    }

    private static String json(String... texts) {
        return CLUSTER.admin().getKubernetesSerialization().asJson(texts);
    }

    private static void awaitEligible(GuestImage image, String status, Reason reason) {
        awaitCondition(image, ConditionType.Eligible, status, reason);
    }

    private static void awaitCurrent(ImageCatalog catalog, String status, Reason reason) {
        awaitCondition(catalog, ConditionType.Current, status, reason);
    }

    private static void awaitCondition(HasMetadata resource, ConditionType type, String status, Reason reason) {
        Predicate<Condition> expected = condition ->
                condition.getStatus().equals(status) && condition.getReason().equals(reason.name());
        await(type + " to be " + status + ", " + reason)
                .atMost(PATIENCE)
                .until(() -> Optional.ofNullable(
                                condition(CLUSTER.admin().resource(resource).get(), type))
                        .filter(expected)
                        .isPresent());
    }

    private static void awaitVm(String namespace, String what, Reason reason) {
        await("the VM " + what)
                .atMost(PATIENCE)
                .until(() -> Optional.ofNullable(condition(read(namespace), ConditionType.Ready))
                        .filter(ready -> ready.getReason().equals(reason.name()))
                        .isPresent());
    }

    private static Condition condition(HasMetadata resource, ConditionType type) {
        List<Condition> conditions = switch (resource) {
            case GuestImage image ->
                image.getStatus() == null ? null : image.getStatus().conditions();
            case ImageCatalog catalog ->
                catalog.getStatus() == null ? null : catalog.getStatus().conditions();
            case TrustedLaunchVM vm ->
                vm.getStatus() == null ? null : vm.getStatus().conditions();
            default -> throw new AssertionError(resource.getKind());
        };
        return Conditions.find(conditions, type).orElse(null);
    }

    private static List<String> events(CustomResource<?, ?> about) {
        return CLUSTER.admin().v1().events().inAnyNamespace().list().getItems().stream()
                .filter(event -> about.getMetadata()
                        .getUid()
                        .equals(event.getInvolvedObject().getUid()))
                .map(event -> event.getType() + " " + event.getReason())
                .toList();
    }

    private static <T extends HasMetadata> Resource<T> named(Class<T> kind, T resource) {
        return CLUSTER.admin().resources(kind).withName(resource.getMetadata().getName());
    }

    private static <T extends HasMetadata> T read(T resource) {
        return CLUSTER.admin().resource(resource).get();
    }

    private static TrustedLaunchVM read(String namespace) {
        return CLUSTER.admin()
                .resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withName("payroll")
                .get();
    }
}
