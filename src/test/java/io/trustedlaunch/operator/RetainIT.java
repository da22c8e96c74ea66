package io.trustedlaunch.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.DeletionPolicy;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.RestoreFrom;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.RetainedVMRecordBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.Cluster;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The retention and takeover of deleted VMs on a real API server; the test plays the agent. */
class RetainIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "retain");

    private static final Duration PATIENCE = Cluster.TIMEOUT;
    private static final String EK = "ab".repeat(32);
    private static final GuestStateVersion LAST = new GuestStateVersion(1L, 5L);

    private static String image;

    private PlayedAgent agent;
    private String namespace;

    @BeforeAll
    static void offerImage() {
        image = OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher"));
    }

    @BeforeEach
    void registerAgent() {
        agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host"))).register();
        namespace = CLUSTER.namespace();
    }

    @AfterEach
    void removeAgent() {
        agent.close();
    }

    @Test
    void aRetainedVmIsTakenOverByOneVmOfItsNamespaceAndThenByTheNext() throws Exception {
        TrustedLaunchVM payroll = create(namespace, "payroll", DeletionPolicy.Retain, null);
        String uid = payroll.getMetadata().getUid();
        VMIncarnation first = run(uid, 1);
        var key = agent.open(first).protectionKey();

        CLUSTER.admin().resource(payroll).delete();
        keepAsTheAgentEnds(uid, 1);
        awaitGone(namespace, "payroll");
        RetainedVMRecord record = record(uid);
        assertThat(record.namespace()).isEqualTo(namespace);
        assertThat(record.epoch()).isEqualTo(1);
        assertThat(record.home().complete()).isTrue();
        assertThat(record.guestState().floor()).isEqualTo(LAST);
        assertThat(agent.incarnation(uid, 1)).isNull();

        String elsewhere = CLUSTER.namespace();
        create(elsewhere, "thief", DeletionPolicy.Delete, uid);
        awaitNotReady(elsewhere, "thief", Reason.RetainedVMNotFound);

        TrustedLaunchVM heir = create(namespace, "heir", DeletionPolicy.Retain, uid);
        VMIncarnation second = agent.awaitIncarnation(uid, 2);
        assertThat(second.getSpec().vmRef().name()).isEqualTo("heir");
        assertThat(second.getSpec().vmRef().owner())
                .isEqualTo(heir.getMetadata().getUid());
        assertThat(second.getSpec().firstStart()).isFalse();
        assertThat(second.getSpec().ekDigest()).isEqualTo(EK);
        assertThat(second.getSpec().guestStateFloor()).isEqualTo(LAST);
        assertThat(agent.open(second).protectionKey()).isEqualTo(key);
        run(uid, 2);

        create(namespace, "rival", DeletionPolicy.Delete, uid);
        assertThat(awaitNotReady(namespace, "rival", Reason.RetainedVMInUse))
                .contains(heir.getMetadata().getUid());

        CLUSTER.admin().resource(heir).delete();
        keepAsTheAgentEnds(uid, 2);
        awaitGone(namespace, "heir");
        run(uid, 3);
        assertThat(agent.incarnation(uid, 3).getSpec().vmRef().name()).isEqualTo("rival");

        CLUSTER.admin().resource(vm(namespace, "rival")).delete();
        await("the last owner's state to be erased")
                .atMost(PATIENCE)
                .until(() -> agent.incarnation(uid, 3).getSpec().desiredState() == DesiredState.Erased);
        agent.report(agent.incarnation(uid, 3), status(Phase.Erased, null, Exit.Shutdown));
        awaitGone(namespace, "rival");
        assertThat(secret(uid)).isEmpty();
        awaitNotReady(elsewhere, "thief", Reason.RetainedVMNotFound);
    }

    @Test
    void aSpecThatDoesNotMatchIsReportedAndLeavesTheRetainedVmAlone() {
        String uid = keptVm();
        TrustedLaunchVM small = draft(namespace, "small", DeletionPolicy.Delete, uid, "9Gi");
        CLUSTER.admin().resource(small).create();
        assertThat(awaitNotReady(namespace, "small", Reason.RestoreMismatch)).contains("spec.osDisk.size", "10Gi");
        CLUSTER.admin().resource(vm(namespace, "small")).delete();
        awaitGone(namespace, "small");
        assertThat(record(uid).uid()).isEqualTo(uid);
        assertThat(secret(uid).orElseThrow().isMarkedForDeletion()).isFalse();
    }

    @Test
    void vmsOfADeletedNamespaceAreTakenOverInAnotherOfThatNameOnceAnAdministratorAllowsIt() {
        TrustedLaunchVM payroll = create(namespace, "payroll", DeletionPolicy.Retain, null);
        String uid = payroll.getMetadata().getUid();
        run(uid, 1);
        CLUSTER.admin().namespaces().withName(namespace).delete();
        keepAsTheAgentEnds(uid, 1);
        await("the namespace to be deleted")
                .atMost(PATIENCE)
                .until(() -> CLUSTER.admin().namespaces().withName(namespace).get() == null);
        assertThat(record(uid).namespace()).isEqualTo(namespace);

        CLUSTER.create(new NamespaceBuilder()
                .withNewMetadata()
                .withName(namespace)
                .endMetadata()
                .build());
        create(namespace, "payroll", DeletionPolicy.Retain, uid);
        awaitNotReady(namespace, "payroll", Reason.RetainedVMNotFound);

        String anywhere = RetainedVMRecordBuilder.builder(record(uid))
                .namespaceUID(null)
                .build()
                .toJson();
        CLUSTER.admin().resource(secret(uid).orElseThrow()).edit(key -> {
            key.getMetadata().getAnnotations().put(Api.RETAINED_VM, anywhere);
            return key;
        });
        agent.awaitIncarnation(uid, 2);
    }

    @Test
    void aDeletionDoesNotWaitForALostNodeAndItsAgentErasesWhenItIsBack() {
        TrustedLaunchVM payroll = create(namespace, "payroll", DeletionPolicy.Delete, null);
        String uid = payroll.getMetadata().getUid();
        run(uid, 1);
        agent.stopHeartbeat();
        ClusterNode lost = CLUSTER.admin()
                .resources(ClusterNode.class)
                .withName(agent.name())
                .get();
        CLUSTER.admin().resource(lost).delete();

        CLUSTER.admin().resource(payroll).delete();
        awaitGone(namespace, "payroll");
        assertThat(secret(uid)).isEmpty();
        VMIncarnation left = agent.incarnation(uid, 1);
        assertThat(left.getSpec().desiredState()).isEqualTo(DesiredState.Erased);
        assertThat(left.getSpec().envelope()).isNull();

        ClusterNode back = new ClusterNode();
        back.setMetadata(new ObjectMetaBuilder().withName(agent.name()).build());
        back.setSpec(lost.getSpec());
        CLUSTER.admin().resource(back).create();
        agent.answerLeader();
        agent.report(left, status(Phase.Stopping, null, null));
        assertThat(agent.incarnation(uid, 1)).isNotNull();
        agent.report(left, status(Phase.Erased, null, Exit.PoweredOff));
        await("the incarnation to be removed").atMost(PATIENCE).until(() -> agent.incarnation(uid, 1) == null);
    }

    /**
     * Its agent went down before it could report that the guest runs; the incarnation is kept although it seems never to have
     * run.
     */
    @Test
    void aVmRetainedOnALostNodeEndsWhenTheNodeIsBackAndIsThenTakenOver() {
        TrustedLaunchVM payroll = create(namespace, "payroll", DeletionPolicy.Retain, null);
        String uid = payroll.getMetadata().getUid();
        GuestStateVersion claim = new GuestStateVersion(1L, 1L);
        agent.report(agent.awaitIncarnation(uid, 1), status(Phase.Prepared, claim, null));
        agent.stopHeartbeat();
        ClusterNode lost = CLUSTER.admin()
                .resources(ClusterNode.class)
                .withName(agent.name())
                .get();
        CLUSTER.admin().resource(lost).delete();
        CLUSTER.admin().resource(payroll).delete();
        awaitGone(namespace, "payroll");
        assertThat(record(uid).home().complete()).isFalse();
        assertThat(record(uid).guestState().floor()).isEqualTo(claim);
        VMIncarnation left = agent.incarnation(uid, 1);
        assertThat(left.getSpec().desiredState()).isEqualTo(DesiredState.Stopped);
        assertThat(left.getSpec().envelope())
                .as("its last state can still be sealed")
                .isNotNull();
        agent.report(left, status(Phase.Stopping, claim, null));
        agent.report(left, status(Phase.Prepared, claim, null));

        create(namespace, "heir", DeletionPolicy.Delete, uid);
        await("the heir to have taken over")
                .atMost(PATIENCE)
                .until(() -> Optional.ofNullable(vm(namespace, "heir").getStatus())
                        .filter(status -> Long.valueOf(1).equals(status.epoch()))
                        .isPresent());
        ClusterNode back = new ClusterNode();
        back.setMetadata(new ObjectMetaBuilder().withName(agent.name()).build());
        back.setSpec(lost.getSpec());
        CLUSTER.admin().resource(back).create();
        agent.startHeartbeat();
        agent.answerLeader();
        assertThat(agent.incarnation(uid, 2)).isNull();
        agent.report(left, status(Phase.Stopped, LAST, Exit.PoweredOff));
        VMIncarnation next = agent.awaitIncarnation(uid, 2);
        assertThat(next.getSpec().guestStateFloor()).isEqualTo(LAST);
        await("the former owner's incarnation to be removed")
                .atMost(PATIENCE)
                .until(() -> agent.incarnation(uid, 1) == null);
    }

    @Test
    void theSuccessorOfAnOperatorThatDiedAtAStepOfRetentionOrTakeoverContinues() throws Exception {
        TrustedLaunchVM payroll = create(namespace, "payroll", DeletionPolicy.Retain, null);
        String uid = payroll.getMetadata().getUid();
        run(uid, 1);
        awaitFloor(new GuestStateVersion(1L, 1L));
        CLUSTER.admin().resource(payroll).delete();

        OPERATOR.arm(Failpoint.OPERATOR_VM_RETAINED);
        keepAsTheAgentEnds(uid, 1);
        OPERATOR.awaitDeath();
        // The record on the key is made from what was recorded before.
        assertThat(vm(namespace, "payroll").getStatus().guestState().floor()).isEqualTo(LAST);
        OPERATOR.start();
        // The successor leads, and lets no VM go before it knows where all of them are.
        awaitNotReady(namespace, "payroll", Reason.AwaitingInventory);
        agent.answerLeader();
        awaitGone(namespace, "payroll");
        assertThat(record(uid).guestState().floor()).isEqualTo(LAST);

        OPERATOR.arm(Failpoint.OPERATOR_RETAINED_VM_CLAIMED);
        TrustedLaunchVM heir = create(namespace, "heir", DeletionPolicy.Delete, uid);
        OPERATOR.awaitDeath();
        assertThat(secret(uid).orElseThrow().getMetadata().getAnnotations())
                .containsEntry(Api.TAKEN_OVER_BY, heir.getMetadata().getUid());
        assertThat(agent.incarnation(uid, 2)).isNull();
        OPERATOR.start();
        // The successor leads, and requests an inventory.
        awaitNotReady(namespace, "heir", Reason.AwaitingInventory);
        agent.answerLeader();
        assertThat(agent.awaitIncarnation(uid, 2).getSpec().guestStateFloor()).isEqualTo(LAST);
    }

    private void awaitFloor(GuestStateVersion floor) {
        await("floor " + floor)
                .atMost(PATIENCE)
                .until(() -> Optional.ofNullable(vm(namespace, "payroll").getStatus())
                        .map(TrustedLaunchVMStatus::guestState)
                        .filter(state -> floor.equals(state.floor()))
                        .isPresent());
    }

    @Test
    void aTakeoverWaitsForTheDeletionOfTheFormerOwner() {
        TrustedLaunchVM payroll = draft(namespace, "payroll", DeletionPolicy.Retain, null, "10Gi");
        payroll.getMetadata().setFinalizers(List.of("example.org/somebody-elses"));
        CLUSTER.admin().resource(payroll).create();
        String uid = vm(namespace, "payroll").getMetadata().getUid();
        run(uid, 1);
        CLUSTER.admin().resource(payroll).delete();
        keepAsTheAgentEnds(uid, 1);
        await("the VM to be retained")
                .atMost(PATIENCE)
                .until(() -> vm(namespace, "payroll").getFinalizers().equals(List.of("example.org/somebody-elses")));

        create(namespace, "heir", DeletionPolicy.Delete, uid);
        assertThat(awaitNotReady(namespace, "heir", Reason.RetainedVMInUse)).contains("payroll");
        CLUSTER.admin()
                .resource(payroll)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
        agent.awaitIncarnation(uid, 2);
    }

    private String keptVm() {
        TrustedLaunchVM vm = create(namespace, "payroll", DeletionPolicy.Retain, null);
        String uid = vm.getMetadata().getUid();
        run(uid, 1);
        CLUSTER.admin().resource(vm).delete();
        keepAsTheAgentEnds(uid, 1);
        awaitGone(namespace, "payroll");
        return uid;
    }

    private VMIncarnation run(String uid, long epoch) {
        VMIncarnation incarnation = agent.awaitIncarnation(uid, epoch);
        agent.report(incarnation, status(Phase.Running, new GuestStateVersion(epoch, 1L), null));
        return incarnation;
    }

    private void keepAsTheAgentEnds(String uid, long epoch) {
        await("epoch " + epoch + " to be stopped")
                .atMost(PATIENCE)
                .until(() -> agent.incarnation(uid, epoch).getSpec().desiredState() == DesiredState.Stopped);
        GuestStateVersion last = epoch == 1 ? LAST : new GuestStateVersion(epoch, 2L);
        agent.report(agent.incarnation(uid, epoch), status(Phase.Stopped, last, Exit.Shutdown));
    }

    private static VMIncarnationStatus status(Phase phase, GuestStateVersion sealed, Exit exit) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(phase)
                .reason(phase.name())
                .ekDigest(EK)
                .guestState(
                        sealed == null ? null : new SealedState(sealed, "2026-01-01T00:00:00Z", 5L, exit != null, null))
                .exit(exit)
                .build();
    }

    private static TrustedLaunchVM create(String namespace, String name, DeletionPolicy policy, String restoreFrom) {
        return CLUSTER.admin()
                .resource(draft(namespace, name, policy, restoreFrom, "10Gi"))
                .create();
    }

    private static TrustedLaunchVM draft(
            String namespace, String name, DeletionPolicy policy, String restoreFrom, String osDisk) {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(
                new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
        vm.setSpec(TrustedLaunchVMSpecBuilder.builder()
                .runStrategy(RunStrategy.Always)
                .imageRef(new ObjectRef(image))
                .cores(2)
                .memory(new Quantity("1Gi"))
                .osDisk(new OsDisk(new Quantity(osDisk)))
                .deletionPolicy(policy)
                .restoreFrom(restoreFrom == null ? null : new RestoreFrom(new RestoreFrom.RetainedVM(restoreFrom)))
                .build());
        return vm;
    }

    private static TrustedLaunchVM vm(String namespace, String name) {
        return CLUSTER.admin()
                .resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    private static void awaitGone(String namespace, String name) {
        await(name + " to be deleted").atMost(PATIENCE).until(() -> vm(namespace, name) == null);
    }

    private static Optional<Secret> secret(String uid) {
        return Optional.ofNullable(CLUSTER.admin()
                .secrets()
                .inNamespace(Cluster.NAMESPACE)
                .withName(uid)
                .get());
    }

    private static RetainedVMRecord record(String uid) {
        return RetainedVMRecord.parse(
                secret(uid).orElseThrow().getMetadata().getAnnotations().get(Api.RETAINED_VM));
    }

    /** Waits until Ready is False for this reason; returns its message. */
    private static String awaitNotReady(String namespace, String name, Reason reason) {
        return await(name + " not to be Ready: " + reason)
                .atMost(PATIENCE)
                .until(
                        () -> Optional.ofNullable(vm(namespace, name).getStatus())
                                .flatMap(status -> Conditions.find(status.conditions(), ConditionType.Ready))
                                .filter(ready -> ready.getReason().equals(reason.name()))
                                .map(Condition::getMessage),
                        Optional::isPresent)
                .orElseThrow();
    }
}
