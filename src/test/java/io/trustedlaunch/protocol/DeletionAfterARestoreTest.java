package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.DeletionPolicy;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.Host.Reach;
import io.trustedlaunch.testkit.FakeApiServer;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The API server's data is of a day when the VM ran on host-a as epoch 1. It runs on host-b as epoch 2 since, with the same folder,
 * and is deleted before host-b's agent has said so.
 */
class DeletionAfterARestoreTest extends RunningVm {
    private FakeApiServer backup;

    @BeforeEach
    void backUp() {
        backup = cluster.server.snapshot();
    }

    private void moveAndRestore() {
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(2);
        a.hypervisor().powerOff(VM);
        cluster.settle();
        cluster.users.cordon(a, true);
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();
        restoreWithoutHostB();
    }

    private void restoreWithoutHostB() {
        cluster.assertRunsOn("host-b");
        cluster.ledger.work();
        cluster.rounds(2);
        b.reach(Reach.STORAGE);
        cluster.faults.restore(backup);
    }

    @Test
    void theFolderGoesWithTheGuestThatUsesItAndNothingIsLeft() {
        moveAndRestore();
        deleteWithoutHostB();

        b.reach(Reach.ALL);
        cluster.settle();

        cluster.users.assertNothingIsLeft(VM);
    }

    /** As that of which the restored data says nothing, too, since host-a answers for it alone. */
    @Test
    void nothingIsLeftIfTheIncarnationOnRecordWasDeletedToo() {
        moveAndRestore();
        cluster.server.delete(cluster.incarnation(1).orElseThrow());
        deleteWithoutHostB();

        b.reach(Reach.ALL);
        cluster.settle();

        cluster.users.assertNothingIsLeft(VM);
    }

    /** Host-a has the TPM's state that its guest ran with until it died. */
    @Test
    void nothingIsLeftOnAHostThatDied() {
        cluster.faults.fence(a);
        cluster.settle();
        restoreWithoutHostB();
        cluster.faults.unfence(a);
        assertThat(a.hypervisor().workingCopy(VM).state()).isNotEqualTo(WorkingCopy.State.ABSENT);
        deleteWithoutHostB();

        b.reach(Reach.ALL);
        cluster.settle();

        cluster.users.assertNothingIsLeft(VM);
    }

    /**
     * No node has epoch 2 any more, so that it may be another cluster's: a person must look (docs/deleting-and-restoring.md). Here it
     * was that of a host that is gone.
     */
    @Test
    void theFilesOfAnEpochThatNoNodeHasGoOnceAPersonHasMovedItsStatesAway() {
        moveAndRestore();
        b.powerOff();
        deleteWithoutNodeOfHostB();
        HomeView home = cluster.home(a);

        home.remove(
                home.versions().stream().filter(version -> version.epoch() == 2).toList());
        cluster.settle();

        assertThat(cluster.vm()).isEmpty();
        assertThat(cluster.incarnations()).isEmpty();
        assertThat(home.folder()).doesNotExist();
    }

    /** Here the guest runs where this cluster does not look. */
    @Test
    void theyStayOnceAPersonHasGivenUpTheVm() {
        moveAndRestore();
        deleteWithoutNodeOfHostB();

        cluster.server.setFinalizers(cluster.vm().orElseThrow(), List.of());
        cluster.incarnations().forEach(cluster.server::delete);
        cluster.settle();

        assertThat(cluster.vm()).isEmpty();
        assertThat(cluster.incarnations()).isEmpty();
        assertThat(cluster.ledger.running(VM)).hasSize(1);
        assertThat(cluster.home(b).disk()).exists();
    }

    private void deleteWithoutNodeOfHostB() {
        cluster.server.delete(cluster.server.find(ClusterNode.class, b.name()).orElseThrow());
        cluster.users.delete();
        cluster.settle();
        assertThat(ConditionType.Ready.in(cluster.status().conditions())
                        .orElseThrow()
                        .getMessage())
                .contains(cluster.home(a).folder() + " has guest state 2-", "docs/deleting-and-restoring.md");
        assertThat(cluster.home(a).disk()).exists();
    }

    /** Which is kept with what its guest wrote on host-b. */
    @Test
    void theVmIsRetainedAsItIsNow() {
        moveAndRestore();
        cluster.users.edit(spec -> spec.deletionPolicy(DeletionPolicy.Retain));
        cluster.users.delete();
        cluster.rounds(10);
        assertThat(cluster.vm()).isPresent();

        b.reach(Reach.ALL);
        cluster.settle();

        assertThat(cluster.vm()).isEmpty();
        assertThat(cluster.ledger.running(VM)).isEmpty();
        assertThat(cluster.server
                        .find(Secret.class, VM.toString())
                        .orElseThrow()
                        .getMetadata()
                        .getAnnotations())
                .hasEntrySatisfying(
                        Api.RETAINED_VM, record -> assertThat(record).contains("\"epoch\":2"));
    }

    private void deleteWithoutHostB() {
        UUID vm = cluster.identity();
        cluster.users.delete();
        cluster.rounds(10);
        assertThat(cluster.incarnation(1).map(VMIncarnation::getSpec))
                .hasValueSatisfying(spec -> assertThat(spec.desiredState()).isEqualTo(DesiredState.Erased));
        assertThat(cluster.ledger.running(vm)).hasSize(1);
        assertThat(cluster.home(b).disk()).as("the disk of the guest that runs").exists();
    }
}
