package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.node.ClusterNodeStatus.Domain;
import io.trustedlaunch.api.node.ClusterNodeStatus.PendingArrival;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.RetainedVMRecordBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusMigrationBuilder;
import io.trustedlaunch.custody.AssignmentKey;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.Answers;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.operator.seal.SealingCertificates;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.InventoryFacts;
import io.trustedlaunch.operator.vm.facts.InventoryFacts.ReportedIncarnation;
import io.trustedlaunch.operator.vm.facts.RetainedVm;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The cluster's record is current. Host-a has reported epoch 2 of the VM, and host-b nothing. */
class NodeGathererTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));

    private static final AssignmentKey KEY = AssignmentKey.derivedFrom(new byte[] {1});

    private NodeGatherer gatherer;

    @BeforeEach
    void lead() {
        lead(proved(2));
    }

    private void lead(Domain... reported) {
        FakeApiServer server = new FakeApiServer();
        Leadership leadership = Leaderships.undisputed(Answers.LEADER);
        AgentLiveness liveness = new AgentLiveness(() -> 0L);
        SealingCertificates certificates = new SealingCertificates(
                () -> {
                    throw new AssertionError("nothing is sealed");
                },
                CLOCK);
        server.put(Answers.answered("host-a", reported));
        assertThat(leadership.awaited(() -> List.of(Answers.answered("host-a"))))
                .isEmpty();
        server.put(Answers.silent("host-b"));
        gatherer = new NodeGatherer(
                new FakeOperator(
                        server, leadership, Leaderships.assignments(), liveness, certificates, Optional.empty(), CLOCK),
                liveness,
                certificates,
                leadership,
                Leaderships.assignments());
    }

    private static Domain proved(long epoch) {
        return new Domain(Vms.UID, epoch, proof(epoch, "host-a"), null);
    }

    private static String proof(long epoch, String node) {
        return KEY.prove(Vms.UID, epoch, node, Optional.empty());
    }

    @Test
    void aVmOfThisClusterDoesNotWaitForTheSilentNode() {
        assertThat(awaited(new RetainedVm.None())).isEmpty();
        assertThat(awaited(retained(true))).isEmpty();
    }

    /** Its record is as old as its newest escrow, and its guest may run on any node. */
    @Test
    void aVmThatWasRecoveredFromItsEscrowDoes() {
        assertThat(awaited(retained(false))).containsExactly("host-b");
    }

    @Test
    void onceItHasAnIncarnationThatOneTells() {
        Incarnation next = new Incarnation(Incarnations.incarnation(
                Incarnations.spec(8).build(),
                Incarnations.reported(Phase.Running).build()));
        assertThat(awaited(retained(false), next)).isEmpty();
    }

    /** On another node than the target, it is one that the restored record does not know. */
    @Test
    void theEpochThatTheTargetOfAFailedMigrationPreparedIsNoLaterIncarnation() {
        assertThat(latestAfterFailedMigrationTo("host-a")).isEmpty();
        assertThat(latestAfterFailedMigrationTo("host-b")).contains(new ReportedIncarnation("host-a", 2));
    }

    /** Its agent has the token of the node, and reads all VMIncarnations. */
    @Test
    void whatANodeReportsWithoutTheOperatorsProofCountsForNothing() {
        List<String> forged = new ArrayList<>(List.of("", "none", "0".repeat(64)));
        forged.add(null);
        forged.add(proof(9, "host-b"));
        forged.add(proof(8, "host-a"));
        for (String proof : forged) {
            for (long epoch : new long[] {9, Long.MAX_VALUE}) {
                lead(new Domain(Vms.UID, epoch, proof, null));
                InventoryFacts seen = gatherer.inventory(Vms.vm(Vms.spec().build()), List.of(), new RetainedVm.None());
                assertThat(seen.latest()).as("%s", proof).isEmpty();
                assertThat(seen.onNodes()).isEmpty();
                assertThat(seen.unproved()).as("holds up nothing either").isEmpty();
            }
        }
    }

    @Test
    void whatItReportsOfTheIncarnationOnRecordNeedsNoProof() {
        lead(new Domain(Vms.UID, 5, null, null));
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .nodeName("host-a")
                .epoch(5L)
                .build());

        assertThat(gatherer.inventory(vm, List.of(), new RetainedVm.None()).onNodes())
                .containsExactly(new ReportedIncarnation("host-a", 5));
    }

    /** Another cluster's proofs do not count, so that its record is all there is. */
    @Test
    void whatItReportsOfTheIncarnationInARecoveredRecordNeedsNoneEither() {
        lead(new Domain(Vms.UID, 7, null, null));
        InventoryFacts seen = gatherer.inventory(Vms.vm(Vms.spec().build()), List.of(), retained(false));

        assertThat(seen.latest()).contains(new ReportedIncarnation("host-a", 7));
        assertThat(seen.unproved()).isEmpty();
    }

    @Test
    void aLaterIncarnationOfARecoveredVmThatIsNotProvedIsShown() {
        lead(new Domain(Vms.UID, 8, null, null), new Domain(Vms.UID, 6, null, null));
        InventoryFacts seen = gatherer.inventory(Vms.vm(Vms.spec().build()), List.of(), retained(false));

        assertThat(seen.latest()).isEmpty();
        assertThat(seen.unproved()).containsExactly(new ReportedIncarnation("host-a", 8));
    }

    /** Its source may know better how the migration ended. */
    @Test
    void aGuestThatWaitsToBeResumedIsTheLatestOnceAllNodesHaveAnswered() {
        lead(new Domain(Vms.UID, 8, proof(8, "host-a"), new PendingArrival(7, true)));
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());

        assertThat(gatherer.inventory(vm, List.of(), new RetainedVm.None()).latest())
                .contains(new ReportedIncarnation("host-a", 8));
        InventoryFacts seen = gatherer.inventory(vm, List.of(), retained(false));
        assertThat(seen.unanswered()).containsExactly("host-b");
        assertThat(seen.latest()).isEmpty();
    }

    private Optional<ReportedIncarnation> latestAfterFailedMigrationTo(String target) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .migration(TrustedLaunchVMStatusMigrationBuilder.builder()
                        .epoch(2L)
                        .targetNode(target)
                        .outcome(Outcome.Stayed)
                        .build())
                .build());
        return gatherer.inventory(vm, List.of(), new RetainedVm.None()).latest();
    }

    private List<String> awaited(RetainedVm retained, Incarnation... incarnations) {
        return gatherer.inventory(Vms.vm(Vms.spec().build()), List.of(incarnations), retained)
                .unanswered();
    }

    private static RetainedVm retained(boolean complete) {
        RetainedVMRecord record = RetainedVMRecordBuilder.builder()
                .namespace(Vms.NAMESPACE)
                .name(Vms.NAME)
                .uid(Vms.UID)
                .objectUID(Vms.UID)
                .epoch(7L)
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .home(new Home("default", "host-a", 7L, complete, Incarnations.CLUSTER))
                        .build())
                .osDisk(Vms.spec().build().osDisk())
                .build();
        return new RetainedVm.Found(record, Optional.empty(), Optional.empty());
    }
}
