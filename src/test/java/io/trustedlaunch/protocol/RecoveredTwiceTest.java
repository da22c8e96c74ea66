package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.ApprovedGuestState;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.RetainedVMRecordBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.protocol.Host.Reach;
import io.trustedlaunch.recovery.VmRecovery;
import io.trustedlaunch.recovery.VmRecovery.Outcome.Recovered;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.RecoveryPair;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster was lost, and two others have recovered its VM: one has host-a, one has host-b, and both reach the folder. */
class RecoveredTwiceTest {
    private static final Duration LOOKS_AGAIN = Duration.ofSeconds(2);

    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b");
    private final Host a = cluster.host("host-a");
    private final Host b = cluster.host("host-b");
    private FakeApiServer empty;
    private Recovered recovered;

    @BeforeEach
    void recoverTwice(@TempDir Path keys) {
        RecoveryPair pair = RecoveryPair.make(keys, "ec:P-256");
        cluster.rounds(12);
        empty = cluster.server.snapshot();
        cluster.operators.configure(pair.certificate());
        cluster.start();
        cluster.assertRunsOn("host-a");
        a.hypervisor().powerOff(ClusterUnderTest.VM);
        recovered = (Recovered) VmRecovery.of(
                ClusterUnderTest.VM, new DiskHomeFiles(cluster.home(a).folder()), pair.key(), Incarnations.NAMESPACE);
        b.reach(Reach.NOTHING);
        recoverWithout(b);
        cluster.settle();
        cluster.assertRunsOn("host-a");

        b.reach(Reach.ALL);
        a.reach(Reach.STORAGE);
        recoverWithout(a);
        cluster.rounds(10);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void theGuestOfTheFirstRunsOnAndTheSecondSaysWhereItIs() {
        assertRefused("node host-a of cluster cluster-2");

        startAgain();
        assertRefused("node host-a of cluster cluster-2");

        cluster.pass(LOOKS_AGAIN);
        cluster.assertRunsOn("host-a");
        assertThat(cluster.ledger.running()).hasSize(1);
    }

    @Test
    void theSecondStartsItOnceItsStateWasApproved() {
        a.hypervisor().powerOff(ClusterUnderTest.VM);
        cluster.rounds(2);
        GuestStateVersion newest = cluster.home(b).versions().getFirst();
        cluster.users.edit(spec ->
                spec.approveGuestState(new ApprovedGuestState(newest.epoch(), newest.generation(), "ada", null)));
        startAgain();
        cluster.assertRunsOn("host-b");

        cluster.users.delete();
        cluster.settle();
        cluster.users.assertNothingIsLeft(ClusterUnderTest.VM);
    }

    @Test
    void theFilesStayWhenTheVmIsDeletedInTheSecond() {
        assertRefused("node host-a of cluster cluster-2");

        cluster.users.delete();
        cluster.settle();

        assertThat(cluster.vm()).isEmpty();
        cluster.assertRunsOn("host-a");
        assertThat(cluster.home(a).versions()).isNotEmpty();
        assertThat(b.hypervisor().workingCopy(ClusterUnderTest.VM).state()).isEqualTo(WorkingCopy.State.ABSENT);
    }

    private void startAgain() {
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(4);
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.rounds(8);
    }

    private void assertRefused(String claimant) {
        VMIncarnation last = cluster.incarnations().stream()
                .max(Comparator.comparing(one -> one.getSpec().epoch()))
                .orElseThrow();
        assertThat(last.getSpec().nodeName()).isEqualTo("host-b");
        assertThat(last.getStatus().reason()).as(cluster.description()).isEqualTo(Reason.HomeClaimedElsewhere.name());
        assertThat(last.getStatus().message()).contains(claimant);
    }

    /** Another cluster begins, with what was recovered; a person has said that all state is home. The location is known to be shared. */
    private void recoverWithout(Host other) {
        cluster.replaceBy(empty);
        cluster.server.find(ClusterNode.class, other.name()).ifPresent(cluster.server::delete);
        RetainedVMRecord record = RetainedVMRecord.parse(
                recovered.key().getMetadata().getAnnotations().get(Api.RETAINED_VM));
        Home home = record.home();
        RetainedVMRecord complete = RetainedVMRecordBuilder.builder(record)
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder(record.guestState())
                        .home(new Home(home.storageLocation(), home.nodeName(), home.epoch(), true, home.cluster()))
                        .build())
                .build();
        recovered.key().getMetadata().getAnnotations().put(Api.RETAINED_VM, complete.toJson());
        cluster.server.createIfAbsent(recovered.key());
        TrustedLaunchVM vm = recovered.vm();
        vm.getMetadata().setUid(UUID.randomUUID().toString());
        vm.getMetadata().setGeneration(1L);
        cluster.apply(vm);
    }
}
