package io.trustedlaunch.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.GuestConfig;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.SecretGrant;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** User errors that no schema can detect: a condition names the field and the fix, and recovers once it is fixed. */
class BadInputIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "bad-input");

    private static final Duration PATIENCE = Cluster.TIMEOUT;
    private static final String VM = "payroll";

    @Test
    void withoutANodeTheConditionSaysSoAndThenNamesTheNodeWhoseAgentIsDown() {
        // Without a mark on the Lease, a new leader needs the answers of all nodes.
        OPERATOR.kill();
        OPERATOR.start();
        String namespace = CLUSTER.namespace();
        createVm(namespace, OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher")), null);
        assertThat(awaitNotReady(namespace, Reason.NoNodes)).contains("agent");
        try (PlayedAgent agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host")))) {
            assertThat(awaitNotReady(namespace, Reason.AwaitingInventory)).contains(agent.name(), "Bring back");
            agent.register();
            agent.awaitIncarnation(uid(namespace), 1);
        }
    }

    @Test
    void userDataThatIsTooLargeIsReportedWithItsFieldAndLimit() {
        try (PlayedAgent agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host"))).register()) {
            String namespace = CLUSTER.namespace();
            CLUSTER.create(SecretGrant.of(namespace));
            userData(namespace, "x".repeat(256 * 1024 + 1));
            createVm(
                    namespace,
                    OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher")),
                    new GuestConfig(new GuestConfig.SecretSource(new ObjectRef("init")), null));
            assertThat(awaitNotReady(namespace, Reason.UserDataTooLarge))
                    .contains("spec.guestConfig.cloudInit.secretRef", "init", "262144");
            userData(namespace, "x".repeat(256 * 1024));
            agent.awaitIncarnation(uid(namespace), 1);
        }
    }

    @Test
    void theYoungerOfTwoImagesWithOneIdentifierAndDifferentDigestsIsRefusedUntilTheOtherIsGone() {
        try (PlayedAgent agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host"))).register()) {
            String publisher = Cluster.uniqueName("publisher");
            String image = OfferedImage.allowed(CLUSTER, publisher);
            GuestImage rival = CLUSTER.create(OfferedImage.named(publisher + "-rival", publisher, "1".repeat(64)));
            String namespace = CLUSTER.namespace();
            createVm(namespace, rival.getMetadata().getName(), null);
            assertThat(awaitNotReady(namespace, Reason.IdentifierConflict)).contains("GuestImage " + image);
            await("the image to be refused")
                    .atMost(PATIENCE)
                    .until(() -> Optional.ofNullable(
                                    CLUSTER.admin().resource(rival).get().getStatus())
                            .flatMap(status -> Conditions.find(status.conditions(), ConditionType.Ready))
                            .filter(ready -> ready.getReason().equals(Reason.IdentifierConflict.name()))
                            .isPresent());
            CLUSTER.admin().resources(GuestImage.class).withName(image).delete();
            agent.awaitIncarnation(uid(namespace), 1);
        }
    }

    @Test
    void aTerminatingNamespaceDeletesItsVmsAndAcceptsNoNewOnes() {
        try (PlayedAgent agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host"))).register()) {
            String namespace = CLUSTER.namespace();
            String image = OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher"));
            TrustedLaunchVM vm = createVm(namespace, image, null);
            String uid = vm.getMetadata().getUid();
            VMIncarnation incarnation = agent.awaitIncarnation(uid, 1);
            agent.report(incarnation, status(Phase.Running, null));

            CLUSTER.admin().namespaces().withName(namespace).delete();
            await("the incarnation to be erased")
                    .atMost(PATIENCE)
                    .until(() -> agent.incarnation(uid, 1).getSpec().desiredState() == DesiredState.Erased);
            assertThatThrownBy(() -> createVm(namespace, image, null, "late"))
                    .hasMessageContaining("because it is being terminated");
            agent.report(incarnation, status(Phase.Erased, Exit.PoweredOff));
            await("the namespace to be deleted")
                    .atMost(PATIENCE)
                    .until(() ->
                            CLUSTER.admin().namespaces().withName(namespace).get() == null);
            assertThat(CLUSTER.admin()
                            .secrets()
                            .inNamespace(Cluster.NAMESPACE)
                            .withName(uid)
                            .get())
                    .isNull();
        }
    }

    private static VMIncarnationStatus status(Phase phase, Exit exit) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(phase)
                .ekDigest("ab".repeat(32))
                .exit(exit)
                .build();
    }

    private static void userData(String namespace, String text) {
        CLUSTER.admin()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("init")
                        .endMetadata()
                        .withStringData(Map.of("user-data", text))
                        .build())
                .serverSideApply();
    }

    private static TrustedLaunchVM createVm(String namespace, String image, GuestConfig guestConfig) {
        return createVm(namespace, image, guestConfig, VM);
    }

    private static TrustedLaunchVM createVm(String namespace, String image, GuestConfig guestConfig, String name) {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(
                new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
        vm.setSpec(TrustedLaunchVMSpecBuilder.builder()
                .runStrategy(RunStrategy.Always)
                .imageRef(new ObjectRef(image))
                .cores(2)
                .memory(new Quantity("1Gi"))
                .osDisk(new OsDisk(new Quantity("10Gi")))
                .guestConfig(guestConfig)
                .build());
        return CLUSTER.admin().resource(vm).create();
    }

    private static String uid(String namespace) {
        return read(namespace).getMetadata().getUid();
    }

    private static TrustedLaunchVM read(String namespace) {
        return CLUSTER.admin()
                .resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withName(VM)
                .get();
    }

    /** Waits until Ready is False for this reason; returns its message. */
    private static String awaitNotReady(String namespace, Reason reason) {
        return await("the VM not to be Ready: " + reason)
                .atMost(PATIENCE)
                .until(
                        () -> Optional.ofNullable(read(namespace).getStatus())
                                .flatMap(status -> Conditions.find(status.conditions(), ConditionType.Ready))
                                .filter(ready -> ready.getReason().equals(reason.name()))
                                .map(Condition::getMessage),
                        Optional::isPresent)
                .orElseThrow();
    }
}
