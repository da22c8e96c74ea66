package io.trustedlaunch.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageSpec.HttpsSource;
import io.trustedlaunch.api.image.GuestImageSpec.Source;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopySpec.Envelope;
import io.trustedlaunch.api.image.ImageCopyStatus;
import io.trustedlaunch.api.image.ImageCopyStatusBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.Cluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The copies of images, from the first start that needs one to their removal, on a real API server. */
class ImageCopyIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "copies");

    private static final Duration PATIENCE = Cluster.TIMEOUT;

    private PlayedAgent agent;
    private String image;
    private String namespace;

    @BeforeEach
    void startAgent() {
        agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host"))).register();
        image = OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher"));
        namespace = CLUSTER.namespace();
    }

    @AfterEach
    void stopAgent() {
        agent.close();
    }

    @Test
    void twoVmsShareACopyThatIsKeptWhileOneOfThemNeedsItAndRemovedWithItsImage() {
        VMIncarnation first = firstIncarnation("first");
        VMIncarnation second = firstIncarnation("second");
        assertThat(first.getSpec().machine().image().uid()).isEqualTo(uidOfImage());
        ImageCopy copy = awaitCopy(found -> true);
        assertThat(copy.getSpec().nodeName()).isEqualTo(agent.name());
        assertThat(copy.getSpec().storageLocation().name()).isEqualTo("default");

        report(copy, condition("False", Reason.DigestMismatch, "another SHA-256", null));
        awaitImage(Reason.DigestMismatch);
        report(copy, condition("True", Reason.ImageImported, "", null));
        awaitImage(Reason.ImageAccepted);

        CLUSTER.admin().resources(GuestImage.class).withName(image).delete();
        agent.report(first, PlayedStatus.runs(1));
        awaitRunning("first");
        assertThat(awaitCopy(found -> true).isMarkedForDeletion()).isFalse();
        agent.report(second, PlayedStatus.runs(1));
        ImageCopy leaving = awaitCopy(ImageCopy::isMarkedForDeletion);
        assertThat(copies()).hasSize(1);

        report(leaving, condition("False", Reason.ImageCopyRemoved, "", true));
        awaitNoCopy();
    }

    @Test
    void aVmOnANodeWithoutTheFileOfItsImageStartsOnAnother() {
        awaitImage(Reason.ImportAtFirstUse);
        VMIncarnation first = firstIncarnation("first");
        String uid = first.getSpec().vmRef().uid();
        report(awaitCopy(found -> true), condition("False", Reason.ImageFileMissing, "there is no file", null));
        agent.report(first, PlayedStatus.waitsFor(Reason.ImageFileMissing));
        awaitImage(Reason.ImageFileMissing);

        try (PlayedAgent other = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host"))).register()) {
            agent.report(awaitDesired(first, DesiredState.Stopped), PlayedStatus.neverRan());
            agent.report(awaitDesired(first, DesiredState.Erased), PlayedStatus.erased());
            other.awaitIncarnation(uid, 2);
            ImageCopy second = awaitCopy(copy -> copy.getSpec().nodeName().equals(other.name()));
            other.writer().writeCopyStatus(second, condition("True", Reason.ImageImported, "", null));
            awaitImage(Reason.ImageAccepted);
        }
    }

    @Test
    void anImageIsImportedBeforeTheFirstVmWhereItsPreloadWantsIt() {
        awaitImage(Reason.ImportAtFirstUse);
        CLUSTER.admin().resources(GuestImage.class).withName(image).edit(now -> {
            now.setSpec(GuestImageSpecBuilder.builder(now.getSpec())
                    .preload(List.of("default"))
                    .build());
            return now;
        });

        ImageCopy copy = awaitCopy(found -> found.getSpec().nodeName().equals(agent.name()));
        assertThat(copy.getSpec().sha256()).isEqualTo("0".repeat(64));
        agent.writer().writeCopyStatus(copy, condition("True", Reason.ImageImported, "", null));
        awaitImage(Reason.ImageAccepted);
        assertThat(CLUSTER.admin()
                        .resources(VMIncarnation.class)
                        .inNamespace(Cluster.NAMESPACE)
                        .list()
                        .getItems())
                .noneMatch(incarnation -> uidOfImage()
                        .equals(incarnation.getSpec().machineNow().image().uid()));
    }

    @Test
    void filesOnADeletedNodeAreReported() {
        firstIncarnation("first");
        ImageCopy copy = awaitCopy(found -> true);
        CLUSTER.admin()
                .resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withName("first")
                .delete();
        CLUSTER.admin().resources(GuestImage.class).withName(image).delete();
        agent.close();

        awaitNoCopy();
        await("an event about the files")
                .atMost(PATIENCE)
                .until(() -> CLUSTER
                        .admin()
                        .v1()
                        .events()
                        .inNamespace("default")
                        .withField("involvedObject.name", copy.getMetadata().getName())
                        .list()
                        .getItems()
                        .stream()
                        .anyMatch(event -> event.getReason().equals(Reason.ImageCopyLost.name())
                                && event.getMessage()
                                        .contains(".images/"
                                                + copy.getSpec().image().uid())));
    }

    @Test
    void anOperatorThatDiesWhileItCreatesACopyCreatesOne() {
        OPERATOR.arm(Failpoint.COPIES_COPY_MADE);
        VMIncarnation incarnation = firstIncarnation("first");
        OPERATOR.awaitDeath();
        OPERATOR.start();
        agent.awaitNewLeader();
        agent.answerLeader();
        ImageCopy copy = awaitCopy(found -> true);
        report(copy, condition("True", Reason.ImageImported, "", null));
        agent.report(incarnation, PlayedStatus.runs(1));
        awaitRunning("first");

        OPERATOR.arm(Failpoint.COPIES_REMOVAL_REQUESTED);
        CLUSTER.admin().resources(GuestImage.class).withName(image).delete();
        OPERATOR.awaitDeath();
        OPERATOR.arm(Failpoint.COPIES_COPY_RELEASED);
        OPERATOR.start();
        report(awaitCopy(ImageCopy::isMarkedForDeletion), condition("False", Reason.ImageCopyRemoved, "", true));
        OPERATOR.awaitDeath();
        awaitNoCopy();
    }

    @Test
    void credentialsReachOnlyTheImportingNodeAndOnlyWhileItNeedsThem() throws Exception {
        Secret secret = CLUSTER.create(new SecretBuilder()
                .withNewMetadata()
                .withName(Cluster.uniqueName("pull"))
                .withNamespace(Cluster.NAMESPACE)
                .endMetadata()
                .withType("kubernetes.io/basic-auth")
                .withStringData(Map.of("username", "ada", "password", "first"))
                .build());
        GuestImage web = OfferedImage.named(Cluster.uniqueName("web"), image, "0".repeat(64));
        web.setSpec(GuestImageSpecBuilder.builder()
                .osType(web.getSpec().osType())
                .identifier(web.getSpec().identifier())
                .version(web.getSpec().version())
                .source(new Source(
                        null,
                        new HttpsSource(
                                "https://images.example/a.qcow2",
                                null,
                                new ObjectRef(secret.getMetadata().getName())),
                        null))
                .sha256(web.getSpec().sha256())
                .build());
        image = CLUSTER.create(web).getMetadata().getName();
        firstIncarnation("first");

        ImageCopy copy = awaitCopy(found -> found.getSpec().envelope() != null);
        assertThat(agent.open(copy)).isEqualTo(PullCredentials.basic("ada", "first"));
        Envelope first = copy.getSpec().envelope();

        CLUSTER.admin()
                .secrets()
                .inNamespace(Cluster.NAMESPACE)
                .withName(secret.getMetadata().getName())
                .edit(now -> new SecretBuilder(now)
                        .withData(null)
                        .withStringData(Map.of("username", "ada", "password", "second"))
                        .build());
        ImageCopy sealedAgain = awaitCopy(found -> !first.equals(found.getSpec().envelope()));
        assertThat(agent.open(sealedAgain)).isEqualTo(PullCredentials.basic("ada", "second"));

        report(sealedAgain, condition("True", Reason.ImageImported, "", null));
        awaitCopy(found -> found.getSpec().envelope() == null);
    }

    private VMIncarnation firstIncarnation(String name) {
        TrustedLaunchVM vm = CLUSTER.create(OfferedImage.vm(namespace, name, image));
        return agent.awaitIncarnation(vm.getMetadata().getUid(), 1);
    }

    private VMIncarnation awaitDesired(VMIncarnation incarnation, DesiredState desired) {
        return await("its incarnation to be asked to be " + desired)
                .atMost(PATIENCE)
                .until(
                        () -> agent.incarnation(
                                incarnation.getSpec().vmRef().uid(),
                                incarnation.getSpec().epoch()),
                        found -> found.getSpec().desiredState() == desired);
    }

    private void awaitRunning(String name) {
        await(name + " to run").atMost(PATIENCE).until(() -> {
            TrustedLaunchVM vm = CLUSTER.admin()
                    .resources(TrustedLaunchVM.class)
                    .inNamespace(namespace)
                    .withName(name)
                    .get();
            return Conditions.find(vm.getStatus().conditions(), ConditionType.Running)
                    .filter(running -> running.getStatus().equals("True"))
                    .isPresent();
        });
    }

    private String uidOfImage() {
        return CLUSTER.admin()
                .resources(GuestImage.class)
                .withName(image)
                .get()
                .getMetadata()
                .getUid();
    }

    private void awaitImage(Reason reason) {
        await("the image to be " + reason)
                .atMost(PATIENCE)
                .until(() -> Conditions.find(
                                CLUSTER.admin()
                                        .resources(GuestImage.class)
                                        .withName(image)
                                        .get()
                                        .getStatus()
                                        .conditions(),
                                ConditionType.Ready)
                        .filter(ready -> ready.getReason().equals(reason.name()))
                        .isPresent());
    }

    private ImageCopy awaitCopy(Predicate<ImageCopy> predicate) {
        return await("a copy")
                .atMost(PATIENCE)
                .until(() -> copies().stream().filter(predicate).toList(), found -> !found.isEmpty())
                .getFirst();
    }

    private void awaitNoCopy() {
        await("the copy to be gone").atMost(PATIENCE).until(() -> copies().isEmpty());
    }

    private List<ImageCopy> copies() {
        return CLUSTER.admin().resources(ImageCopy.class).list().getItems().stream()
                .filter(copy -> copy.getSpec().image().name().equals(image))
                .toList();
    }

    private void report(ImageCopy copy, ImageCopyStatus status) {
        agent.writer().writeCopyStatus(copy, status);
    }

    private static ImageCopyStatus condition(String ready, Reason reason, String message, Boolean removed) {
        return ImageCopyStatusBuilder.builder()
                .observedGeneration(1L)
                .removed(removed)
                .conditions(List.of(new ConditionBuilder()
                        .withType("Ready")
                        .withStatus(ready)
                        .withReason(reason.name())
                        .withMessage(message)
                        .withLastTransitionTime("2026-01-01T00:00:00Z")
                        .build()))
                .build();
    }
}
