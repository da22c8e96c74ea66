package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.RetainedVMRecordBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.recovery.VmRecovery;
import io.trustedlaunch.recovery.VmRecovery.Outcome.Recovered;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.RecoveryPair;
import io.trustedlaunch.testkit.Vms;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The API server lost everything; hosts, folders and the recovery key are there. */
class LostControlPlaneTest {
    @TempDir
    static Path folder;

    private static RecoveryPair pair;

    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SEPARATE, "host-a", "host-b");
    private final Host host = cluster.host("host-a");
    private final FakeApiServer empty = cluster.server.snapshot();

    @BeforeAll
    static void makePair() {
        pair = RecoveryPair.make(folder, "ec:P-256");
    }

    @BeforeEach
    void start() {
        cluster.operators.configure(pair.certificate());
        cluster.start();
        cluster.assertRunsOn("host-a");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void aRunningVmIsAdoptedWhereItRunsAndNotStartedTwice() {
        Recovered recovered = recover();
        lose();
        cluster.settle();
        cluster.assertRunsOn("host-a");

        create(recovered);
        cluster.settle();

        cluster.assertRunsAsRecorded();
        assertThat(cluster.status().epoch()).isEqualTo(1);
        assertThat(cluster.ledger.starts(ClusterUnderTest.VM)).isEqualTo(1);
        assertThat(cluster.incarnation(1).orElseThrow().getSpec().firstStart()).isFalse();
    }

    /** Its manifest keeps the annotation that asked for the restart. */
    @Test
    void aRunningVmThatWasOnceRestartedIsNotRestartedByItsRecovery() {
        restart("2026-11-24T10:00:00Z");
        assertThat(cluster.status().epoch()).isEqualTo(2);
        Recovered recovered = recover();
        assertThat(recovered.vm().getMetadata().getAnnotations()).containsKey(Api.RESTARTED_AT);
        lose();
        create(recovered);
        cluster.settle();

        assertThat(cluster.status().epoch()).isEqualTo(2);
        restart("2026-11-25T10:00:00Z");
        assertThat(cluster.status().epoch()).isEqualTo(3);
    }

    /** Its escrow is from before its last incarnation, and no node can prove that to this cluster. */
    @Test
    void aVmThatRunsAsALaterIncarnationThanItWasRecoveredWithWaitsForAnAdministrator() {
        Recovered older = recover();
        restart("2026-11-24T10:00:00Z");
        lose();
        create(older);
        cluster.settle();

        assertThat(ready().getReason()).isEqualTo(Reason.UnprovedIncarnation.name());
        assertThat(ready().getMessage()).contains("host-a reports epoch 2").contains(Api.RETAINED_VM);
        assertThat(cluster.ledger.starts(ClusterUnderTest.VM)).isEqualTo(2);

        String secret = older.key().getMetadata().getName();
        RetainedVMRecord record = RetainedVMRecordBuilder.builder(RetainedVMRecord.parse(
                        older.key().getMetadata().getAnnotations().get(Api.RETAINED_VM)))
                .epoch(2L)
                .build();
        cluster.server.setAnnotations(
                cluster.server.find(Secret.class, secret).orElseThrow(), Map.of(Api.RETAINED_VM, record.toJson()));
        cluster.settle();

        cluster.assertRunsAsRecorded();
        assertThat(cluster.status().epoch()).isEqualTo(2);
        assertThat(cluster.ledger.starts(ClusterUnderTest.VM)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStoppedVmStartsAgainWhereItWasWithItsTpm(boolean crashes) {
        Recovered recovered = recover();
        lose();
        if (crashes) {
            host.hypervisor().crash(ClusterUnderTest.VM);
        } else {
            host.hypervisor().powerOff(ClusterUnderTest.VM);
        }
        create(recovered);
        cluster.settle();

        cluster.assertRunsAsRecorded();
        cluster.assertRunsOn("host-a");
        assertThat(cluster.status().epoch()).isEqualTo(2);
        assertThat(cluster.tpms.made()).isEqualTo(1);
    }

    /** The second recovery uses the escrow of the incarnation that the recovered VM started. */
    @Test
    void aRecoveredVmIsRecoveredAgain() {
        Recovered first = recover();
        lose();
        host.hypervisor().powerOff(ClusterUnderTest.VM);
        create(first);
        cluster.settle();
        Recovered second = recover();
        lose();
        create(second);
        cluster.settle();

        cluster.assertRunsAsRecorded();
        assertThat(cluster.status().epoch()).isEqualTo(2);
        assertThat(cluster.identity()).isEqualTo(ClusterUnderTest.VM);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void theRecoveredVmRunsOnceWhereverTheOperatorDies(int write) {
        Recovered recovered = recover();
        lose();
        create(recovered);
        cluster.leader().writer().dieAround(write, true);
        cluster.settle();

        cluster.assertRunsAsRecorded();
        assertThat(cluster.ledger.starts(ClusterUnderTest.VM)).isEqualTo(1);
    }

    /** Without its Secret nothing is taken over, and no key is created. */
    @Test
    void aVmWhoseSecretWasNotCreatedWaits() {
        Recovered recovered = recover();
        lose();
        cluster.apply(asCreated(recovered.vm()));
        cluster.settle();

        assertThat(cluster.server.secrets()).isZero();
        assertThat(cluster.incarnations()).isEmpty();
        cluster.server.createIfAbsent(recovered.key());
        cluster.settle();
        cluster.assertRunsAsRecorded();
    }

    /** The file is created by mistake in the cluster that lost nothing. */
    @Test
    void aVmThatExistsKeepsItsState() {
        Recovered recovered = recover();
        TrustedLaunchVM second = asCreated(recovered.vm());
        second.getMetadata().setName("second");
        cluster.server.createIfAbsent(recovered.key());
        cluster.apply(second);
        cluster.settle();

        cluster.assertRunsAsRecorded();
        assertThat(cluster.server
                        .find(Secret.class, Vms.UID)
                        .orElseThrow()
                        .getMetadata()
                        .getAnnotations())
                .doesNotContainKey(Api.TAKEN_OVER_BY);
        assertThat(cluster.server
                        .find(TrustedLaunchVM.class, "second")
                        .orElseThrow()
                        .getStatus()
                        .epoch())
                .isNull();
    }

    private void restart(String when) {
        cluster.server.setAnnotations(cluster.vm().orElseThrow(), Map.of(Api.RESTARTED_AT, when));
        cluster.settle();
    }

    private Recovered recover() {
        return (Recovered) VmRecovery.of(
                ClusterUnderTest.VM,
                new DiskHomeFiles(cluster.home(host).folder()),
                pair.key(),
                Incarnations.NAMESPACE);
    }

    private Condition ready() {
        return ConditionType.Ready.in(cluster.status().conditions()).orElseThrow();
    }

    private void lose() {
        cluster.replaceBy(empty);
    }

    private void create(Recovered recovered) {
        cluster.server.createIfAbsent(recovered.key());
        cluster.apply(asCreated(recovered.vm()));
    }

    private static TrustedLaunchVM asCreated(TrustedLaunchVM manifest) {
        manifest.getMetadata().setUid(UUID.randomUUID().toString());
        manifest.getMetadata().setGeneration(1L);
        return manifest;
    }
}
