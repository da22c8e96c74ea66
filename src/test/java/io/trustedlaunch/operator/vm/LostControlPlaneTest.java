package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
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
import io.trustedlaunch.operator.vm.FakeOperator.Crash;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.recovery.EscrowName;
import io.trustedlaunch.recovery.VmRecovery;
import io.trustedlaunch.recovery.VmRecovery.Outcome.Recovered;
import io.trustedlaunch.testkit.EndorsementKeys;
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
    private static final int MOST_PASSES = 60;

    @TempDir
    static Path folder;

    private static RecoveryPair pair;
    private static FakeCluster cluster;

    private final FakeApiServer server = cluster.server();
    private final List<FakeAgent> agents = cluster.agents(server);
    private FakeOperator operator;
    private int started;

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
        settle(MOST_PASSES);
        assertThat(host.runs())
                .as("an agent keeps a guest whose incarnation is missing")
                .isTrue();

        create(recovered);
        settle(MOST_PASSES);

        assertThat(onlyRunning()).isSameAs(host);
        TrustedLaunchVM vm = only(TrustedLaunchVM.class);
        assertThat(vm.getStatus().epoch()).isEqualTo(1);
        assertThat(vm.getStatus().nodeName()).isEqualTo(host.node());
        assertThat(vm.getStatus().vTPM().ekDigest()).isEqualTo(EndorsementKeys.ONE.digest());
        assertThat(tpmsMade()).isEqualTo(1);
        assertThat(only(VMIncarnation.class).getSpec().firstStart()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Shutdown", "Crashed"})
    void aStoppedVmStartsAgainWhereItWasWithItsTpm(Exit exit) {
        FakeAgent host = run();
        Recovered recovered = recover();
        wipe();
        host.guestEnds(exit);
        create(recovered);
        settle(MOST_PASSES);

        assertThat(onlyRunning()).isSameAs(host);
        assertThat(only(TrustedLaunchVM.class).getStatus().epoch()).isEqualTo(2);
        assertThat(tpmsMade()).isEqualTo(1);
    }

    /** The second recovery uses the escrow of the incarnation that the recovered VM started. */
    @Test
    void aRecoveredVmIsRecoveredAgain() {
        FakeAgent host = run();
        Recovered first = recover();
        wipe();
        host.guestEnds(Exit.Shutdown);
        create(first);
        settle(MOST_PASSES);
        Recovered second = recover();
        wipe();
        create(second);
        settle(MOST_PASSES);

        assertThat(onlyRunning()).isSameAs(host);
        assertThat(only(TrustedLaunchVM.class).getStatus().epoch()).isEqualTo(2);
        assertThat(only(TrustedLaunchVM.class).identity()).isEqualTo(Vms.UID);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void theRecoveredVmRunsOnceWhereverTheOperatorDies(int write) {
        FakeAgent host = run();
        Recovered recovered = recover();
        wipe();
        create(recovered);
        operator.dieAround(write, true);
        settle(MOST_PASSES);

        assertThat(onlyRunning()).isSameAs(host);
        assertThat(tpmsMade()).isEqualTo(1);
    }

    /** Without its Secret nothing is taken over, and no key is created. */
    @Test
    void aVmWhoseSecretWasNotCreatedWaits() {
        run();
        Recovered recovered = recover();
        wipe();
        server.createIfAbsent(asCreated(recovered.vm()));
        settle(MOST_PASSES);

        assertThat(server.seen(Secret.class)).isEmpty();
        assertThat(server.seen(VMIncarnation.class)).isEmpty();
        server.createIfAbsent(recovered.key());
        settle(MOST_PASSES);
        onlyRunning();
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
        settle(MOST_PASSES);

        assertThat(onlyRunning()).isSameAs(host);
        assertThat(only(Secret.class).getMetadata().getAnnotations())
                .doesNotContainKey("trustedlaunch.io/taken-over-by");
        assertThat(server.find(TrustedLaunchVM.class, "second")
                        .orElseThrow()
                        .getStatus()
                        .epoch())
                .isNull();
    }

    private FakeAgent run() {
        server.createIfAbsent(VmScene.applied().facts().vm());
        begin();
        settle(MOST_PASSES);
        return onlyRunning();
    }

    /** What an agent would have written into the VM's folder. */
    private Recovered recover() {
        VMIncarnation incarnation = only(VMIncarnation.class);
        long epoch = incarnation.getSpec().epoch();
        UUID vm = UUID.fromString(Vms.UID);
        GuestStateVersion version = new GuestStateVersion(epoch, 1L);
        byte[] state;
        try (GuestStateKey key = protectionKey(only(Secret.class)).guestStateKey(vm)) {
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
        begin();
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

    private void settle(int passes) {
        for (int pass = 0; pass < passes; pass++) {
            try {
                operator.look();
                operator.pass();
            } catch (Crash crash) {
                begin();
            }
            agents.forEach(FakeAgent::act);
        }
    }

    private void begin() {
        String leader = "operator-" + ++started;
        operator = cluster.operator(server, leader, List.of("host-a", "host-b"));
        agents.forEach(agent -> agent.answer(leader, Vms.UID));
    }

    private FakeAgent onlyRunning() {
        List<FakeAgent> running = agents.stream().filter(FakeAgent::runs).toList();
        assertThat(running).hasSize(1);
        return running.getFirst();
    }

    private int tpmsMade() {
        return agents.stream().mapToInt(FakeAgent::tpmsMade).sum();
    }

    private <T extends HasMetadata> T only(Class<T> kind) {
        List<T> all = server.all(kind).toList();
        assertThat(all).hasSize(1);
        return all.getFirst();
    }
}
