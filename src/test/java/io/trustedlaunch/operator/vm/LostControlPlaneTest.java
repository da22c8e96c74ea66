package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.ProtectionKeySecret;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.gueststate.GuestState;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.gueststate.HomeReader;
import io.trustedlaunch.gueststate.SealedGuestState;
import io.trustedlaunch.recovery.EscrowName;
import io.trustedlaunch.recovery.VmRecovery;
import io.trustedlaunch.recovery.VmRecovery.Outcome.Recovered;
import io.trustedlaunch.testkit.EndorsementKeys;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.RecoveryPair;
import io.trustedlaunch.testkit.Vms;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The API server lost everything; hosts, folders and the recovery key are there. */
class LostControlPlaneTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final int ROUNDS = 60;

    @TempDir
    static Path folder;

    private static RecoveryPair pair;
    private static FakeCluster cluster;

    private final History history = new History(cluster, FakeCluster::agents);
    private final FakeApiServer server = history.server;

    @BeforeAll
    static void makePair() {
        pair = RecoveryPair.make(folder, "ec:P-256");
        cluster = new FakeCluster(NOW, Optional.of(pair.certificate()));
    }

    @Test
    void aRunningVmIsAdoptedWhereItRunsAndNotStartedTwice() {
        FakeAgent host = run();
        Recovered recovered = recover();
        wipe();
        history.play(ROUNDS);
        assertThat(host.runs())
                .as("an agent keeps a guest whose incarnation is missing")
                .isTrue();

        create(recovered);
        history.play(ROUNDS);

        assertThat(history.onlyRunning()).isSameAs(host);
        assertThat(history.status().epoch()).isEqualTo(1);
        assertThat(history.status().nodeName()).isEqualTo(host.node());
        assertThat(history.status().vTPM().ekDigest()).isEqualTo(EndorsementKeys.ONE.digest());
        assertThat(history.tpmsMade()).isEqualTo(1);
        assertThat(history.only(VMIncarnation.class).getSpec().firstStart()).isFalse();
    }

    /** Its manifest keeps the annotation that asked for the restart. */
    @Test
    void aRunningVmThatWasOnceRestartedIsNotRestartedByItsRecovery() {
        run();
        restart("2026-11-24T10:00:00Z");
        assertThat(history.status().epoch()).isEqualTo(2);
        Recovered recovered = recover();
        assertThat(recovered.vm().getMetadata().getAnnotations()).containsKey(Api.RESTARTED_AT);
        wipe();
        create(recovered);
        history.play(ROUNDS);

        assertThat(history.status().epoch()).isEqualTo(2);
        restart("2026-11-25T10:00:00Z");
        assertThat(history.status().epoch()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Shutdown", "Crashed"})
    void aStoppedVmStartsAgainWhereItWasWithItsTpm(Exit exit) {
        FakeAgent host = run();
        Recovered recovered = recover();
        wipe();
        host.guestEnds(exit);
        create(recovered);
        history.play(ROUNDS);

        assertThat(history.onlyRunning()).isSameAs(host);
        assertThat(history.status().epoch()).isEqualTo(2);
        assertThat(history.tpmsMade()).isEqualTo(1);
    }

    /** The second recovery uses the escrow of the incarnation that the recovered VM started. */
    @Test
    void aRecoveredVmIsRecoveredAgain() {
        FakeAgent host = run();
        Recovered first = recover();
        wipe();
        host.guestEnds(Exit.Shutdown);
        create(first);
        history.play(ROUNDS);
        Recovered second = recover();
        wipe();
        create(second);
        history.play(ROUNDS);

        assertThat(history.onlyRunning()).isSameAs(host);
        assertThat(history.status().epoch()).isEqualTo(2);
        assertThat(history.only(TrustedLaunchVM.class).identity()).isEqualTo(Vms.UID);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void theRecoveredVmRunsOnceWhereverTheOperatorDies(int write) {
        FakeAgent host = run();
        Recovered recovered = recover();
        wipe();
        create(recovered);
        history.succeed().dieAround(write, true);
        history.play(ROUNDS);

        assertThat(history.onlyRunning()).isSameAs(host);
        assertThat(history.tpmsMade()).isEqualTo(1);
    }

    /** Without its Secret nothing is taken over, and no key is created. */
    @Test
    void aVmWhoseSecretWasNotCreatedWaits() {
        run();
        Recovered recovered = recover();
        wipe();
        server.createIfAbsent(asCreated(recovered.vm()));
        history.play(ROUNDS);

        assertThat(server.seen(Secret.class)).isEmpty();
        assertThat(server.seen(VMIncarnation.class)).isEmpty();
        server.createIfAbsent(recovered.key());
        history.play(ROUNDS);
        history.onlyRunning();
    }

    /** The file is created by mistake in the cluster that lost nothing. */
    @Test
    void aVmThatExistsKeepsItsState() {
        FakeAgent host = run();
        Recovered recovered = recover();
        TrustedLaunchVM second = asCreated(recovered.vm());
        second.getMetadata().setName("second");
        server.createIfAbsent(recovered.key());
        server.createIfAbsent(second);
        history.play(ROUNDS);

        assertThat(history.onlyRunning()).isSameAs(host);
        assertThat(history.only(Secret.class).getMetadata().getAnnotations())
                .doesNotContainKey("trustedlaunch.io/taken-over-by");
        assertThat(server.find(TrustedLaunchVM.class, "second")
                        .orElseThrow()
                        .getStatus()
                        .epoch())
                .isNull();
    }

    private FakeAgent run() {
        server.createIfAbsent(Vms.vm(Vms.spec().build()));
        history.succeed();
        history.play(ROUNDS);
        return history.onlyRunning();
    }

    private void restart(String when) {
        server.setAnnotations(history.only(TrustedLaunchVM.class), Map.of(Api.RESTARTED_AT, when));
        history.play(ROUNDS);
    }

    /** What an agent would have written into the VM's folder. */
    private Recovered recover() {
        VMIncarnation incarnation = history.only(VMIncarnation.class);
        long epoch = incarnation.getSpec().epoch();
        UUID vm = UUID.fromString(Vms.UID);
        GuestStateVersion version = new GuestStateVersion(epoch, 1L);
        byte[] state;
        try (GuestStateKey key = protectionKey(history.only(Secret.class)).guestStateKey(vm)) {
            state = SealedGuestState.seal(
                    new GuestState(vm, version, EndorsementKeys.ONE.digest(), new byte[] {1}, new byte[] {2}),
                    key,
                    new SecureRandom());
        }
        Map<String, byte[]> files = Map.of(
                EscrowName.of(epoch),
                Base64.getDecoder().decode(incarnation.getSpec().escrow()),
                GuestStateName.of(version),
                state);
        HomeReader home = new HomeReader() {
            @Override
            public List<String> list() {
                return List.copyOf(files.keySet());
            }

            @Override
            public byte[] read(String name, int limit) {
                return files.get(name);
            }
        };
        return (Recovered) VmRecovery.of(vm, home, pair.key(), Incarnations.NAMESPACE);
    }

    private static ProtectionKey protectionKey(Secret secret) {
        return ProtectionKey.of(Base64.getDecoder().decode(secret.getData().get(ProtectionKeySecret.DATA_KEY)));
    }

    private void wipe() {
        server.restore(cluster.server());
        history.succeed();
    }

    private void create(Recovered recovered) {
        server.createIfAbsent(recovered.key());
        server.createIfAbsent(asCreated(recovered.vm()));
    }

    private static TrustedLaunchVM asCreated(TrustedLaunchVM manifest) {
        manifest.getMetadata().setUid(UUID.randomUUID().toString());
        manifest.getMetadata().setGeneration(1L);
        return manifest;
    }
}
