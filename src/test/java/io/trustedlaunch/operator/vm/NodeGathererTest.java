package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.RetainedVMRecordBuilder;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.RetainedVm;
import io.trustedlaunch.operator.vm.seal.SealingCertificates;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The cluster's record is current, and host-b has not reported its VMs. */
class NodeGathererTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final FakeCluster CLUSTER = new FakeCluster(NOW);

    private final History history = new History(CLUSTER, FakeCluster::agents);
    private final WatchedLease lease = new WatchedLease(CLUSTER, history);
    private NodeGatherer gatherer;

    @BeforeEach
    void lead() {
        history.server.createIfAbsent(
                Vms.vm(Vms.spec().runStrategy(RunStrategy.Halted).build()));
        lease.lead(History.NODES);
        lease.answer();
        lease.play(1);
        lease.cutOff(history.agents.getLast());

        FakeOperator caches = lease.lead(History.NODES);
        gatherer = new NodeGatherer(
                caches,
                new AgentLiveness(() -> 0L),
                new SealingCertificates(
                        () -> {
                            throw new IllegalStateException("not needed");
                        },
                        InstantSource.fixed(NOW)),
                lease.leadership());
        lease.answer();
        lease.play(1);
        lease.patienceEnds();
        lease.play(1);
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

    private List<String> awaited(RetainedVm retained, Incarnation... incarnations) {
        return gatherer.inventory(history.vm().orElseThrow(), List.of(incarnations), retained)
                .unanswered();
    }

    private static RetainedVm retained(boolean complete) {
        RetainedVMRecord record = RetainedVMRecordBuilder.builder()
                .namespace("finance")
                .name("payroll")
                .uid(Vms.UID)
                .objectUID(Vms.UID)
                .epoch(7L)
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .home(new TrustedLaunchVMStatus.Home("default", "host-a", 7L, complete))
                        .build())
                .osDisk(Vms.spec().build().osDisk())
                .build();
        return new RetainedVm.Found(record, Optional.empty());
    }
}
