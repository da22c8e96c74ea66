package io.trustedlaunch.operator;

import static io.trustedlaunch.operator.PlayedStatus.neverRan;
import static io.trustedlaunch.operator.PlayedStatus.receives;
import static io.trustedlaunch.operator.PlayedStatus.runs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Departure;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationSpec;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.vm.GuestConfig;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.EndorsementKeys;
import io.trustedlaunch.testkit.SecretGrant;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A live migration on a real API server, under the roles of the chart; the test plays both agents. */
class MigrationIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "migration");

    private static final Duration PATIENCE = Cluster.TIMEOUT;

    private PlayedAgent source;
    private PlayedAgent target;
    private TrustedLaunchVM vm;
    private String uid;

    /** Runs a VM on one of two nodes that share a folder. */
    @BeforeEach
    void runAVm() {
        PlayedAgent one = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-a"))).register();
        PlayedAgent other = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-b"))).register();
        one.sharesWith(other);
        other.sharesWith(one);
        String image = OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher"));
        String namespace = CLUSTER.namespace();
        CLUSTER.create(SecretGrant.of(namespace));
        CLUSTER.admin()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("init")
                        .endMetadata()
                        .withStringData(Map.of("user-data", "#cloud-config\n"))
                        .build())
                .create();
        vm = CLUSTER.admin()
                .resource(OfferedImage.vm(
                        namespace,
                        "payroll",
                        image,
                        new GuestConfig(new GuestConfig.SecretSource(new ObjectRef("init")), null)))
                .create();
        uid = vm.getMetadata().getUid();
        VMIncarnation first = awaitIncarnation(1, incarnation -> true);
        source = first.getSpec().nodeName().equals(one.name()) ? one : other;
        target = source == one ? other : one;
        source.report(first, runs(1));
        awaitVm(now ->
                is(now, ConditionType.Ready, Reason.Running) && is(now, ConditionType.Migratable, Reason.Migratable));
    }

    @AfterEach
    void deleteAll() {
        CLUSTER.admin().resource(vm).delete();
        source.close();
        target.close();
    }

    @Test
    void aVmMigratesAsItsAgentsReport() throws Exception {
        VMMigration migration = createMigration(null);
        VMIncarnation coming = awaitIncarnation(
                2, incarnation -> incarnation.getSpec().nodeName().equals(target.name()));
        assertThat(coming.getSpec().arrival()).isEqualTo(new Arrival(1L, source.name(), false, false));
        assertThat(target.open(coming).protectionKey())
                .isEqualTo(source.open(incarnation(1)).protectionKey());
        assertThat(target.open(coming).files()).as("its CD is copied with it").isEmpty();
        assertThat(incarnation(1).getSpec().departure()).isNull();
        awaitPhase(migration, VMMigrationStatus.Phase.Preparing);
        assertThat(read().getStatus().epoch()).isEqualTo(1);

        target.report(coming, receives());
        awaitIncarnation(1, incarnation -> incarnation.getSpec().departure() != null);
        assertThat(incarnation(1).getSpec().departure().nodeName()).isEqualTo(target.name());
        source.report(incarnation(1), runs(1, departs(Course.Underway)));
        awaitPhase(migration, VMMigrationStatus.Phase.Migrating);
        assertThat(read(migration).getStatus().progressPercent()).isEqualTo(50);
        assertThat(read(migration).getStatus().transfer()).isEqualTo(PlayedStatus.HALF);
        assertThat(is(read(), ConditionType.Ready, Reason.Migrating)).isTrue();

        source.report(incarnation(1), left(false));
        awaitVm(now -> now.getStatus().epoch() == 2
                && now.getStatus().nodeName().equals(target.name())
                && now.getStatus().migration().outcome() == Outcome.Moved);
        awaitIncarnation(2, incarnation -> incarnation.getSpec().arrival().left());
        awaitPhase(migration, VMMigrationStatus.Phase.HandingOver);
        assertThat(incarnation(1).getSpec().desiredState())
                .as("until the guest runs")
                .isEqualTo(DesiredState.Running);

        target.report(incarnation(2), runs(2));
        awaitPhase(migration, VMMigrationStatus.Phase.Succeeded);
        await().untilAsserted(() -> assertThat(OPERATOR.metrics())
                .contains("\ntrusted_launch_migration_duration_seconds_count{reason=\"Migrated\"} "));
        awaitVm(now -> is(now, ConditionType.Ready, Reason.Running));
        awaitIncarnation(1, incarnation -> incarnation.getSpec().desiredState() == DesiredState.Stopped);
        assertThat(incarnation(1).getSpec().envelope())
                .as("kept to seal the last state")
                .isNotNull();
        source.report(incarnation(1), left(true));
        await("the source incarnation to be removed").atMost(PATIENCE).until(() -> incarnation(1) == null);
        assertThat(read().getStatus().vTPM().ekDigest()).isEqualTo(EndorsementKeys.ONE.digest());
    }

    @Test
    void aGuestThatStaysFailsTheMigrationAndTheNextOneHasAnotherEpoch() {
        VMMigration migration = createMigration(target.name());
        target.report(awaitIncarnation(2, incarnation -> true), receives());
        awaitIncarnation(1, incarnation -> incarnation.getSpec().departure() != null);
        source.report(incarnation(1), runs(1, departs(Course.Stayed)));

        VMMigration failed = awaitPhase(migration, VMMigrationStatus.Phase.Failed);
        Condition migrated = Conditions.find(failed.getStatus().conditions(), ConditionType.Migrated)
                .orElseThrow();
        assertThat(migrated.getMessage()).contains("keeps running on " + source.name(), "the link is down");
        awaitIncarnation(2, incarnation -> incarnation.getSpec().desiredState() == DesiredState.Stopped);
        target.report(incarnation(2), neverRan());
        await("the target incarnation to be removed").atMost(PATIENCE).until(() -> incarnation(2) == null);
        TrustedLaunchVM stayed = awaitVm(now -> is(now, ConditionType.Ready, Reason.Running));
        assertThat(stayed.getStatus().epoch()).isEqualTo(1);
        assertThat(stayed.getStatus().nodeName()).isEqualTo(source.name());

        createMigration(null);
        assertThat(awaitIncarnation(3, incarnation -> true).getSpec().nodeName())
                .isEqualTo(target.name());
    }

    @Test
    void aDeletedMigrationIsCancelledByTheSource() {
        VMMigration migration = createMigration(null);
        target.report(awaitIncarnation(2, incarnation -> true), receives());
        awaitIncarnation(1, incarnation -> incarnation.getSpec().departure() != null);
        source.report(incarnation(1), runs(1, departs(Course.Underway)));
        awaitPhase(migration, VMMigrationStatus.Phase.Migrating);

        CLUSTER.admin().resource(migration).delete();
        awaitIncarnation(1, incarnation -> incarnation.getSpec().departure().cancelled());
        assertThat(incarnation(2).getSpec().desiredState())
                .as("until the source has answered")
                .isEqualTo(DesiredState.Running);
        source.report(incarnation(1), runs(1, departs(Course.Stayed)));
        awaitVm(now -> now.getStatus().migration().outcome() == Outcome.Stayed
                && is(now, ConditionType.Ready, Reason.Running));
        awaitIncarnation(2, incarnation -> incarnation.getSpec().desiredState() == DesiredState.Stopped);
    }

    @Test
    void aMigrationToANodeThatDoesNotExistIsPendingWithTheReason() {
        VMMigration migration = createMigration("no-such-node");
        await("the reason")
                .atMost(PATIENCE)
                .until(() -> read(migration).getStatus() != null
                        && read(migration).getStatus().phase() == VMMigrationStatus.Phase.Pending);
        assertThat(read(migration).getStatus().conditions().getFirst().getReason())
                .isEqualTo(Reason.TargetNotFound.name());
        assertThat(read(migration).getStatus().conditions().getFirst().getMessage())
                .contains("this ClusterNode does not exist");
    }

    /** The retention is an hour by default. */
    @Test
    void anEndedMigrationIsDeletedAfterAWhile() {
        VMMigration late = createMigration("no-such-node");
        end(late, Instant.now());
        VMMigration old = createMigration("no-such-node");
        end(old, Instant.now().minus(Duration.ofMinutes(61)));

        await("the older one to be gone").atMost(PATIENCE).until(() -> read(old) == null);
        assertThat(read(late)).isNotNull();
    }

    private static void end(VMMigration migration, Instant when) {
        CLUSTER.admin()
                .resource(migration)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\": {\"phase\": \"Failed\", \"completionTime\": \"" + when + "\"}}");
    }

    @ParameterizedTest
    @EnumSource(
            value = Failpoint.class,
            names = {
                "OPERATOR_MIGRATION_RESERVED",
                "OPERATOR_INCARNATION_CREATED",
                "OPERATOR_DEPARTURE_HANDED",
                "OPERATOR_MIGRATION_ENDED",
                "OPERATOR_HANDOFF_CONFIRMED"
            })
    void theSuccessorOfADeadOperatorContinuesTheMigration(Failpoint point) {
        OPERATOR.arm(point);
        VMMigration migration = createMigration(null);
        if (point == Failpoint.OPERATOR_MIGRATION_RESERVED || point == Failpoint.OPERATOR_INCARNATION_CREATED) {
            succeed();
        }
        target.report(awaitIncarnation(2, incarnation -> true), receives());
        if (point == Failpoint.OPERATOR_DEPARTURE_HANDED) {
            succeed();
        }
        awaitIncarnation(1, incarnation -> incarnation.getSpec().departure() != null);
        source.report(incarnation(1), left(false));
        if (point == Failpoint.OPERATOR_MIGRATION_ENDED || point == Failpoint.OPERATOR_HANDOFF_CONFIRMED) {
            succeed();
        }
        awaitIncarnation(2, incarnation -> incarnation.getSpec().arrival().left());
        target.report(incarnation(2), runs(2));
        awaitPhase(migration, VMMigrationStatus.Phase.Succeeded);
        assertThat(read().getStatus().nodeName()).isEqualTo(target.name());
    }

    private void succeed() {
        OPERATOR.awaitDeath();
        OPERATOR.start();
        source.awaitNewLeader();
        source.answerLeader();
        target.answerLeader();
    }

    private VMMigration createMigration(String node) {
        VMMigration migration = new VMMigration();
        migration.setMetadata(new ObjectMetaBuilder()
                .withNamespace(vm.getMetadata().getNamespace())
                .withName(Cluster.uniqueName("move"))
                .build());
        migration.setSpec(new VMMigrationSpec(new ObjectRef("payroll"), node));
        return CLUSTER.admin().resource(migration).create();
    }

    private VMIncarnation incarnation(long epoch) {
        return target.incarnation(uid, epoch);
    }

    private VMIncarnation awaitIncarnation(long epoch, Predicate<VMIncarnation> predicate) {
        return await("epoch " + epoch)
                .atMost(PATIENCE)
                .until(
                        () -> CLUSTER.admin()
                                .resources(VMIncarnation.class)
                                .inNamespace(Cluster.NAMESPACE)
                                .withName(VMIncarnation.nameOf(uid, epoch))
                                .get(),
                        incarnation -> incarnation != null && predicate.test(incarnation));
    }

    private TrustedLaunchVM read() {
        return CLUSTER.admin().resource(vm).get();
    }

    private TrustedLaunchVM awaitVm(Predicate<TrustedLaunchVM> predicate) {
        return await("the VM")
                .atMost(PATIENCE)
                .until(this::read, now -> now.getStatus() != null && predicate.test(now));
    }

    private static VMMigration read(VMMigration migration) {
        return CLUSTER.admin().resource(migration).get();
    }

    private static VMMigration awaitPhase(VMMigration migration, VMMigrationStatus.Phase phase) {
        return await("the migration to be " + phase)
                .atMost(PATIENCE)
                .until(
                        () -> read(migration),
                        now -> now.getStatus() != null && now.getStatus().phase() == phase);
    }

    private static boolean is(TrustedLaunchVM vm, ConditionType type, Reason reason) {
        return Conditions.find(vm.getStatus().conditions(), type)
                .filter(condition -> condition.getReason().equals(reason.name()))
                .isPresent();
    }

    private VMIncarnationStatus left(boolean complete) {
        return PlayedStatus.left(1, departs(Course.Left), complete);
    }

    private Departure departs(Course course) {
        return PlayedStatus.departs(2, target.name(), course);
    }
}
