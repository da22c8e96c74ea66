package io.trustedlaunch.operator;

import static io.trustedlaunch.operator.PlayedStatus.departs;
import static io.trustedlaunch.operator.PlayedStatus.left;
import static io.trustedlaunch.operator.PlayedStatus.neverRan;
import static io.trustedlaunch.operator.PlayedStatus.receives;
import static io.trustedlaunch.operator.PlayedStatus.runs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus.Phase;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.testkit.Cluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Drains on a real API server; the test plays the agents. */
class DrainIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "drain");

    private static final Duration PATIENCE = Cluster.TIMEOUT;

    private final List<TrustedLaunchVM> vms = new ArrayList<>();
    private final List<VMMigration> known = new ArrayList<>();
    private PlayedAgent from;
    private PlayedAgent to;
    private String namespace;
    private String image;

    @BeforeEach
    void registerTwoNodesWithOneFolder() {
        from = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-a"))).register();
        to = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-b"))).register();
        from.sharesWith(to);
        to.sharesWith(from);
        namespace = CLUSTER.namespace();
        image = OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher"));
        maintain(to, Maintenance.Cordon);
    }

    @AfterEach
    void deleteAll() {
        vms.forEach(vm -> CLUSTER.admin().resource(vm).delete());
        from.close();
        to.close();
    }

    @Test
    void aNodeIsDrainedTwoVmsAtATimeAndAFailedMigrationIsTriedAgain() {
        String one = run("one");
        String two = run("two");
        String three = run("three");
        uncordonTheOther(one, two, three);

        maintain(from, Maintenance.Drain);
        List<VMMigration> first = awaitMigrations(2);
        assertThat(first)
                .allSatisfy(migration ->
                        assertThat(migration.getMetadata().getLabels()).containsEntry(Api.LABEL_DRAIN, from.name()));
        awaitDrained("False", Reason.Draining, "3 VMs left");
        assertThat(awaitMigrations(2)).as("no third migration").hasSize(2);

        migration(first.getFirst());
        VMMigration third = awaitMigrations(3).getLast();
        migration(third);
        fail(first.get(1));
        VMMigration again = awaitMigrations(4).getLast();
        assertThat(again.getSpec().vmRef()).isEqualTo(first.get(1).getSpec().vmRef());
        assertThat(again.getMetadata().getName()).endsWith("-2");
        migration(again, 3);
        awaitDrained("True", Reason.Drained, "no VM");

        maintain(from, Maintenance.None);
        await("the condition to go").atMost(PATIENCE).until(() -> drained(from).isEmpty());
        assertThat(node(from).getStatus().migrationPort())
                .as("the agent's part")
                .isNotNull();
    }

    @Test
    void aVmThatCannotLeaveIsNamedAndTwoDrainingNodesAreNoTargetsOfEachOther() {
        String stays = run("stays");
        String goes = run("goes");
        patch("stays", "{\"spec\": {\"evictionStrategy\": \"None\"}}");
        maintain(to, Maintenance.Drain);
        maintain(from, Maintenance.Drain);

        awaitDrained("False", Reason.DrainBlocked, namespace + "/stays: NotAllowedToMove");
        awaitDrained("False", Reason.DrainBlocked, namespace + "/goes: NoNodeFits: ", to.name());
        assertThat(migrations()).isEmpty();
        await("the empty node to be drained")
                .atMost(PATIENCE)
                .until(() -> drained(to)
                        .filter(condition -> condition.getStatus().equals("True"))
                        .isPresent());

        maintain(to, Maintenance.None);
        awaitMigrations(1);
        assertThat(stays).isNotEqualTo(goes);
        maintain(from, Maintenance.None);
        // Migrations that have not begun are cancelled; the others end by themselves.
        await("the migration to be cancelled, or to have begun")
                .atMost(PATIENCE)
                .until(() -> migrations().stream().allMatch(DrainIT::hasBegun));
        migrations().forEach(this::migration);
        assertThat(migrations()).allMatch(migration -> migration.getStatus().completionTime() != null);
    }

    @Test
    void aNodeThatIsCordonedInKubernetesIsNoTarget() {
        String uid = run("one");
        uncordonTheOther(uid);
        CLUSTER.admin().nodes().withName(to.name()).edit(node -> {
            node.getSpec().setUnschedulable(true);
            return node;
        });
        await("the condition")
                .atMost(PATIENCE)
                .until(() -> migratable("one")
                        .filter(condition -> condition.getReason().equals(Reason.NoNodeFits.name()))
                        .filter(condition -> condition.getMessage().contains("its Kubernetes Node is cordoned"))
                        .isPresent());
    }

    @Test
    void aTaintRejectsAVmUntilItToleratesIt() {
        String uid = run("one");
        uncordonTheOther(uid);
        CLUSTER.admin().nodes().withName(to.name()).edit(node -> {
            node.getSpec()
                    .getTaints()
                    .add(new TaintBuilder()
                            .withKey("dedicated")
                            .withValue("lab")
                            .withEffect("NoSchedule")
                            .build());
            return node;
        });
        await("the condition")
                .atMost(PATIENCE)
                .until(() -> migratable("one")
                        .filter(condition -> condition.getMessage().contains("the taint dedicated=lab:NoSchedule"))
                        .isPresent());
        patch("one", "{\"spec\": {\"tolerations\": [{\"key\": \"dedicated\", \"operator\": \"Exists\"}]}}");
        uncordonTheOther(uid);
    }

    @Test
    void antiAffinityIsRespectedAndADrainNamesTheVmThatBlocksIt() {
        maintain(to, Maintenance.None);
        TrustedLaunchVM one = runApart("one");
        TrustedLaunchVM other = runApart("other");
        boolean oneIsHere = incarnation(one).getSpec().nodeName().equals(from.name());
        TrustedLaunchVM here = oneIsHere ? one : other;
        TrustedLaunchVM there = oneIsHere ? other : one;
        assertThat(incarnation(there).getSpec().nodeName()).isEqualTo(to.name());

        // The drain relies on this condition; without it, it would create a migration that stays pending.
        await("the condition")
                .atMost(PATIENCE)
                .until(() -> migratable(here.getMetadata().getName())
                        .filter(condition -> condition.getReason().equals(Reason.NoNodeFits.name()))
                        .isPresent());

        maintain(from, Maintenance.Drain);
        awaitDrained(
                "False",
                Reason.DrainBlocked,
                namespace + "/" + here.getMetadata().getName() + ": NoNodeFits: ",
                to.name() + ": VM " + there.getMetadata().getName() + " is there");
        assertThat(migrations()).isEmpty();

        patch(there.getMetadata().getName(), "{\"spec\": {\"affinity\": null}}");
        patch(here.getMetadata().getName(), "{\"spec\": {\"affinity\": null}}");
        migration(awaitMigrations(1).getFirst());
        awaitDrained("True", Reason.Drained, "no VM");
    }

    private TrustedLaunchVM runApart(String name) {
        TrustedLaunchVM vm = CLUSTER.admin()
                .resource(OfferedImage.apart(namespace, name, image, "db"))
                .create();
        vms.add(vm);
        VMIncarnation incarnation = awaitIncarnation(vm.getMetadata().getUid(), 1, made -> true);
        PlayedAgent on = incarnation.getSpec().nodeName().equals(from.name()) ? from : to;
        on.report(incarnation, runs(1));
        return vm;
    }

    private VMIncarnation incarnation(TrustedLaunchVM vm) {
        return from.incarnation(vm.getMetadata().getUid(), 1);
    }

    private void patch(String name, String change) {
        CLUSTER.admin().resource(vm(name)).patch(PatchContext.of(PatchType.JSON_MERGE), change);
    }

    /** Runs a VM on the first node. */
    private String run(String name) {
        TrustedLaunchVM vm = CLUSTER.admin()
                .resource(OfferedImage.vm(namespace, name, image))
                .create();
        vms.add(vm);
        String uid = vm.getMetadata().getUid();
        from.report(from.awaitIncarnation(uid, 1), runs(1));
        return uid;
    }

    private void uncordonTheOther(String... uids) {
        maintain(to, Maintenance.None);
        assertThat(uids).isNotEmpty();
        await("the VMs to be migratable")
                .atMost(PATIENCE)
                .until(() -> vms.stream()
                        .allMatch(vm -> migratable(vm.getMetadata().getName())
                                .filter(condition -> condition.getStatus().equals("True"))
                                .isPresent()));
    }

    private static boolean hasBegun(VMMigration migration) {
        return migration.getStatus() != null && migration.getStatus().startTime() != null;
    }

    private void migration(VMMigration migration) {
        migration(migration, 2);
    }

    /** Plays both agents until the migration has succeeded. */
    private void migration(VMMigration migration, long epoch) {
        String uid = vm(migration.getSpec().vmRef().name()).getMetadata().getUid();
        to.report(awaitIncarnation(uid, epoch, incarnation -> true), receives());
        awaitIncarnation(
                uid,
                1,
                incarnation -> incarnation.getSpec().departure() != null
                        && incarnation.getSpec().departure().epoch() == epoch);
        from.report(from.incarnation(uid, 1), left(1, departs(epoch, to.name(), Course.Left), false));
        awaitIncarnation(
                uid, epoch, incarnation -> incarnation.getSpec().arrival().left());
        to.report(to.incarnation(uid, epoch), runs(epoch));
        awaitIncarnation(uid, 1, incarnation -> incarnation.getSpec().desiredState() == DesiredState.Stopped);
        from.report(from.incarnation(uid, 1), left(1, departs(epoch, to.name(), Course.Left), true));
        awaitPhase(migration, Phase.Succeeded);
    }

    private void fail(VMMigration migration) {
        String uid = vm(migration.getSpec().vmRef().name()).getMetadata().getUid();
        to.report(awaitIncarnation(uid, 2, incarnation -> true), receives());
        awaitIncarnation(uid, 1, incarnation -> incarnation.getSpec().departure() != null);
        from.report(from.incarnation(uid, 1), runs(1, departs(2, to.name(), Course.Stayed)));
        awaitIncarnation(uid, 2, incarnation -> incarnation.getSpec().desiredState() == DesiredState.Stopped);
        to.report(to.incarnation(uid, 2), neverRan());
        awaitPhase(migration, Phase.Failed);
    }

    private VMIncarnation awaitIncarnation(String uid, long epoch, Predicate<VMIncarnation> predicate) {
        return await("epoch " + epoch + " of " + uid)
                .atMost(PATIENCE)
                .until(
                        () -> from.incarnation(uid, epoch),
                        incarnation -> incarnation != null && predicate.test(incarnation));
    }

    private void awaitPhase(VMMigration migration, Phase phase) {
        await(migration.getMetadata().getName() + " to be " + phase)
                .atMost(PATIENCE)
                .until(() -> {
                    VMMigration now = CLUSTER.admin().resource(migration).get();
                    return now.getStatus() != null && now.getStatus().phase() == phase;
                });
    }

    /** In the order in which they were seen: times of creation are whole seconds. */
    private List<VMMigration> awaitMigrations(int count) {
        await(count + " migrations").atMost(PATIENCE).until(() -> {
            migrations().stream()
                    .filter(migration -> known.stream()
                            .noneMatch(other -> other.getMetadata()
                                    .getUid()
                                    .equals(migration.getMetadata().getUid())))
                    .forEach(known::add);
            return known.size() >= count;
        });
        return List.copyOf(known);
    }

    private List<VMMigration> migrations() {
        return CLUSTER.admin()
                .resources(VMMigration.class)
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    private TrustedLaunchVM vm(String name) {
        return CLUSTER.admin()
                .resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    private Optional<Condition> migratable(String name) {
        return Optional.ofNullable(vm(name).getStatus())
                .flatMap(status -> Conditions.find(status.conditions(), ConditionType.Migratable));
    }

    private static ClusterNode node(PlayedAgent agent) {
        return CLUSTER.admin()
                .resources(ClusterNode.class)
                .withName(agent.name())
                .get();
    }

    private static Optional<Condition> drained(PlayedAgent agent) {
        return Conditions.find(node(agent).getStatus().conditions(), ConditionType.Drained);
    }

    /** A node of another test may be among those that do not fit: the operator registers it again if it learns of its Lease late. */
    private void awaitDrained(String status, Reason reason, String... messages) {
        await(from.name() + " to report " + reason)
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(drained(from)).hasValueSatisfying(condition -> {
                    assertThat(condition.getMessage()).contains(messages);
                    assertThat(condition.getReason()).isEqualTo(reason.name());
                    assertThat(condition.getStatus()).isEqualTo(status);
                }));
    }

    private static void maintain(PlayedAgent agent, Maintenance maintenance) {
        CLUSTER.admin()
                .resource(node(agent))
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"maintenance\": \"" + maintenance + "\"}}");
    }
}
