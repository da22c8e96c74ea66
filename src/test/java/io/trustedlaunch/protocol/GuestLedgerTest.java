package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Phase;
import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.protocol.Host.Reach;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Vms;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the ledger notices, of what the product never does. */
class GuestLedgerTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b", "host-c");
    private Host first;
    private Host other;

    @BeforeEach
    void start() {
        cluster.start();
        first = cluster.host(cluster.runningOn().orElseThrow());
        other = cluster.hosts.stream().filter(host -> host != first).findFirst().orElseThrow();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    /** Epoch 2 of the guest, although the first still runs. */
    private void duplicate() {
        first.hypervisor().runAlsoOn(other.hypervisor(), VM, 2);
    }

    private void isBackWhereItIsHeard() {
        first.reach(Reach.ALL);
        cluster.act(first);
        cluster.pass(Duration.ofSeconds(2));
        cluster.operate();
    }

    private static final Duration LONG = Duration.ofMinutes(3);

    @Test
    void aSecondGuestIsNoticed() {
        duplicate();
        assertThatThrownBy(cluster::check).hasMessageContaining("a second guest runs");
    }

    @Test
    void aSecondGuestIsForgivenBesideOneOnAHostThatIsSaidToBeDeadAndWroteNothingForTwoMinutes() {
        first.reach(Reach.NOTHING);
        cluster.faults.lie(first, false);
        cluster.pass(LONG);
        duplicate();
        cluster.check();
        assertThat(cluster.ledger.running(VM)).hasSize(2);
    }

    @Test
    void aSecondGuestBesideABeaconThatMovesIsNoticed() {
        first.reach(Reach.STORAGE);
        cluster.faults.lie(first, false);
        cluster.pass(LONG);
        duplicate();
        assertThatThrownBy(cluster::check).hasMessageContaining("whose beacon moves");
    }

    @Test
    void aSecondGuestOnceTheHostWasHeardAgainIsNoticed() {
        first.reach(Reach.STORAGE);
        cluster.faults.lie(first, false);
        for (int pass = 0; pass < 3; pass++) {
            cluster.operate();
            cluster.pass(Duration.ofSeconds(30));
        }
        isBackWhereItIsHeard();
        first.reach(Reach.NOTHING);
        cluster.pass(LONG);
        duplicate();
        assertThatThrownBy(cluster::check).hasMessageContaining("a second guest runs");
    }

    @Test
    void anotherTpmOfAVmThatHasRunIsNoticed() {
        cluster.tpms.make(VM);
        assertThatThrownBy(cluster::check).hasMessageContaining("TPMs that were made");
    }

    @Test
    void aFolderThatIsErasedUnderAGuestIsNoticed() throws IOException {
        FileTree.of(cluster.home(first).folder()).delete();
        assertThatThrownBy(cluster::check).hasMessageContaining("the disk of");
    }

    @Test
    void aDiskThatIsReplacedUnderAGuestIsNoticed() throws IOException {
        HomeView home = cluster.home(first);
        Files.move(home.disk(), home.folder().resolve("aside"));
        Files.copy(home.folder().resolve("aside"), home.disk());
        assertThatThrownBy(cluster::check).hasMessageContaining("the disk of");
    }

    @Test
    void aGuestThatNobodyWantedToStopAndThatLostItsPowerIsNoticed() {
        cluster.power.watch();
        cluster.check();
        first.hypervisor().destroy(VM);
        assertThatThrownBy(cluster::check).hasMessageContaining("nobody wanted it to stop");
    }

    @Test
    void aGuestThatSomebodyStopsMayLoseItsPowerAndOnceItRunsAgainItMayNot() {
        cluster.power.watch();
        cluster.check();
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(3);
        cluster.ledger.running(VM).forEach(place -> place.host().hypervisor().powerOff(VM));
        cluster.settle();
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();
        cluster.assertRunsAsRecorded();

        cluster.host(cluster.runningOn().orElseThrow()).hypervisor().destroy(VM);
        assertThatThrownBy(cluster::check).hasMessageContaining("nobody wanted it to stop");
    }

    /** As one that ran there when it was said: its VM may be given away before its host is heard (docs/failover.md). */
    @Test
    void aGuestThatBeginsOnAHostThatIsSaidToBeDeadMayLoseItsPower() {
        cluster.power.watch();
        cluster.apply(ClusterUnderTest.anotherVm("ledger", 1));
        cluster.turnTo("ledger");
        cluster.roundsUntil(() -> cluster.incarnations().stream()
                .map(VMIncarnation::getStatus)
                .anyMatch(status -> status != null && status.phase() == VMIncarnationStatus.Phase.Prepared));
        cluster.operate();
        cluster.assertDoesNotRun();
        Host prepared = cluster.host(cluster.status().nodeName());
        cluster.faults.lie(prepared, false);
        cluster.act(prepared);
        cluster.assertRunsOn(prepared.name());

        prepared.hypervisor().destroy(cluster.identity());
        cluster.check();
        cluster.assertDoesNotRun();
    }

    @Test
    void aGuestWhoseRestartWaitsForItsKeyMayLoseItsPowerWhenTheKeyIsBackAndNotAfterwards() {
        cluster.power.watch();
        cluster.check();
        Secret key = cluster.server.find(Secret.class, VM.toString()).orElseThrow();
        cluster.server.remove(key);
        cluster.users.restart();
        cluster.rounds(4);
        cluster.check();
        assertThat(cluster.status().phase()).isEqualTo(Phase.Running);

        key.getMetadata().setUid(null);
        cluster.server.put(key);
        cluster.settle();
        cluster.assertRunsAsRecorded();
        assertThat(cluster.vm().orElseThrow().getStatus().epoch()).isEqualTo(2);

        cluster.host(cluster.runningOn().orElseThrow()).hypervisor().destroy(VM);
        assertThatThrownBy(cluster::check).hasMessageContaining("nobody wanted it to stop");
    }

    /** Its agent is to stop it as far as it knows: what the set-back data say, it has not seen. */
    @Test
    void aGuestThatItsAgentStopsByOlderOrdersMayLoseItsPowerUntilTheAgentHasSeenThatItIsToRun() {
        cluster.power.watch();
        FakeApiServer backup = cluster.server.snapshot();
        cluster.users.restart();
        cluster.round();
        cluster.round();
        assertThat(cluster.status().phase()).isEqualTo(Phase.Restarting);

        cluster.faults.restore(backup);
        cluster.operate();
        assertThat(cluster.status().phase()).isEqualTo(Phase.Running);
        allOperatorsHaveLooked();
        cluster.check();
        AgentProcess agent = first.agent().orElseThrow();
        agent.cutOffFromApiServer(true);
        cluster.pass(Duration.ofSeconds(61));
        agent.act();
        cluster.check();
        cluster.assertDoesNotRun();

        agent.cutOffFromApiServer(false);
        cluster.settle();
        cluster.assertRunsAsRecorded();
        allOperatorsHaveLooked();
        cluster.check();
        cluster.host(cluster.runningOn().orElseThrow()).hypervisor().destroy(VM);
        assertThatThrownBy(cluster::check).hasMessageContaining("nobody wanted it to stop");
    }

    /** A VMMigration that has not begun waits for a VM of that name, and outlives the VM that it was created for. */
    @Test
    void aGuestThatMigratesByARequestForAnEarlierVmOfItsNameMayLoseItsPowerUntilItIsSettledAgain() {
        cluster.power.watch();
        cluster.users.requestMigration(null);
        cluster.users.delete();
        cluster.settle();
        cluster.apply(ClusterUnderTest.anotherVm(Vms.NAME, 2));
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());

        cluster.server.seen(VMMigration.class).toList().forEach(cluster.server::delete);
        cluster.network.advance();
        cluster.check();
        cluster.assertDoesNotRun();

        cluster.settle();
        cluster.assertRunsAsRecorded();
        allOperatorsHaveLooked();
        cluster.check();
        cluster.host(cluster.runningOn().orElseThrow()).hypervisor().destroy(cluster.identity());
        assertThatThrownBy(cluster::check).hasMessageContaining("nobody wanted it to stop");
    }

    private void allOperatorsHaveLooked() {
        cluster.operators.all().forEach(operator -> {
            operator.look();
            cluster.power.looked(operator);
        });
    }
}
