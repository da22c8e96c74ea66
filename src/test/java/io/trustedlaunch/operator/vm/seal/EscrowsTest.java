package io.trustedlaunch.operator.vm.seal;

import static io.trustedlaunch.api.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.facts.KeyFixture.protectionKey;
import static io.trustedlaunch.operator.vm.plan.VmScene.recorded;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ProtectionKeySecret;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.operator.vm.FakeAgent;
import io.trustedlaunch.operator.vm.FakeCluster;
import io.trustedlaunch.operator.vm.FakeOperator;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.recovery.Escrow;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.RecoveryPair;
import io.trustedlaunch.testkit.Vms;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is sealed for the recovery key, and when. */
class EscrowsTest {
    @TempDir
    static Path folder;

    private static RecoveryPair pair;
    private static Escrows escrows;

    @BeforeAll
    static void makePair() {
        pair = RecoveryPair.make(folder, "ec:P-256");
        escrows = new Escrows(Optional.of(pair.certificate()), new SecureRandom());
    }

    @Test
    void theFirstOneHasTheKeyTheManifestAndTheRecord() {
        Escrow escrow = open(reserved(1));

        assertThat(escrow.key()).isEqualTo(protectionKey());
        assertThat(escrow.vm().getMetadata().getName()).isEqualTo("payroll");
        assertThat(escrow.vm().getMetadata().getFinalizers()).isEmpty();
        assertThat(escrow.vm().getSpec().cores()).isEqualTo(2);
        assertThat(escrow.vm().getStatus()).isNull();
        RetainedVMRecord record = escrow.record();
        assertThat(record.namespace() + "/" + record.name()).isEqualTo("finance/payroll");
        assertThat(record.uid()).isEqualTo(Vms.UID);
        assertThat(record.objectUID()).isEqualTo(Vms.UID);
        assertThat(record.epoch()).isEqualTo(1);
        assertThat(record.home()).isEqualTo(new TrustedLaunchVMStatus.Home("default", "host-a", 1L, false));
        assertThat(record.image().name()).isEqualTo("ws2022");
        assertThat(record.osDisk()).isEqualTo(escrow.vm().getSpec().osDisk());
        assertThat(record.vTPM()).as("not made yet").isNull();
    }

    @Test
    void aLaterOneHasTheEndorsementKeyToo() {
        VmScene scene = recorded(2).floor(1, 4);

        assertThat(open(scene).record().vTPM().ekDigest()).isEqualTo(Vms.EK);
    }

    /** A later takeover waits for the VM object that has the VM now, not for the first one. */
    @Test
    void theOneOfAVmThatTookAnotherOverNamesBoth() {
        RetainedVMRecord record = open(reserved(2).restoring()).record();

        assertThat(record.uid()).isEqualTo(Vms.UID);
        assertThat(record.objectUID()).isEqualTo(VmScene.OWN_UID);
    }

    @Test
    void anIncarnationThatStartsNothingAndAnOperatorWithoutACertificateHaveNone() {
        VmScene halted = reserved(1).strategy(RunStrategy.Halted);
        VMIncarnationSpec stopping = created(halted);
        assertThat(stopping.desiredState()).isEqualTo(Stopped);
        assertThat(escrows.of(stopping, halted.facts(), protectionKey())).isEmpty();

        VmScene scene = reserved(1);
        assertThat(new Escrows(Optional.empty(), new SecureRandom()).of(created(scene), scene.facts(), protectionKey()))
                .isEmpty();
    }

    @Test
    void anIncarnationThatWasCreatedWithoutAKeyGetsItTogetherWithTheEnvelope() {
        FakeCluster cluster = new FakeCluster(Instant.parse("2026-01-01T12:00:00Z"), Optional.of(pair.certificate()));
        FakeApiServer server = cluster.server();
        server.put(reserved(1).facts().vm());
        FakeOperator operator = cluster.operator(server, "operator-1", List.of("host-a", "host-b"));
        cluster.agents(server).forEach(agent -> agent.answer("operator-1", Vms.UID));
        passes(operator);
        assertThat(incarnation(server).envelope()).isNull();
        assertThat(incarnation(server).escrow()).isNull();

        server.createIfAbsent(ProtectionKeySecret.of(
                Incarnations.NAMESPACE,
                Vms.UID,
                "finance",
                "payroll",
                protectionKey().bytes()));
        passes(operator);

        assertThat(incarnation(server).envelope()).isNotNull();
        assertThat(Escrow.open(Base64.getDecoder().decode(incarnation(server).escrow()), pair.key()))
                .isInstanceOf(Escrow.Opening.Opened.class);
    }

    @Test
    void aRunningVmGetsItWhenACertificateIsConfigured() {
        FakeCluster cluster = new FakeCluster(Instant.parse("2026-01-01T12:00:00Z"));
        FakeApiServer server = cluster.server();
        server.createIfAbsent(Vms.vm(Vms.spec().build()));
        List<FakeAgent> agents = cluster.agents(server);
        play(agents, cluster.operator(server, "operator-1", List.of("host-a", "host-b")), "operator-1");
        assertThat(incarnation(server).escrow()).isNull();

        Optional<RecoveryCertificate> configured = Optional.of(pair.certificate());
        play(agents, cluster.operator(server, "operator-2", List.of("host-a", "host-b"), configured), "operator-2");

        assertThat(incarnation(server).epoch()).isEqualTo(1);
        Escrow escrow = ((Escrow.Opening.Opened) Escrow.open(
                        Base64.getDecoder().decode(incarnation(server).escrow()), pair.key()))
                .escrow();
        assertThat(escrow.record().epoch()).isEqualTo(1);
        assertThat(escrow.record().vTPM()).isNotNull();
    }

    private static void play(List<FakeAgent> agents, FakeOperator operator, String leader) {
        for (int round = 0; round < 10; round++) {
            agents.forEach(agent -> agent.answer(leader, Vms.UID));
            operator.lookAndPass();
            agents.forEach(FakeAgent::act);
        }
        assertThat(agents).anyMatch(FakeAgent::runs);
    }

    private static void passes(FakeOperator operator) {
        for (int pass = 0; pass < 4; pass++) {
            operator.lookAndPass();
        }
    }

    private static VMIncarnationSpec incarnation(FakeApiServer server) {
        return server.seen(VMIncarnation.class).findFirst().orElseThrow().getSpec();
    }

    private static Escrow open(VmScene scene) {
        String sealed =
                escrows.of(created(scene), scene.facts(), protectionKey()).orElseThrow();
        return ((Escrow.Opening.Opened) Escrow.open(Base64.getDecoder().decode(sealed), pair.key())).escrow();
    }
}
