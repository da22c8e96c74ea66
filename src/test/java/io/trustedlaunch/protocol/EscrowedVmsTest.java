package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.operator.vm.facts.KeyFixture;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.recovery.Escrow;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.RecoveryPair;
import io.trustedlaunch.testkit.Vms;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes possible only later is escrowed then. */
class EscrowedVmsTest {
    @TempDir
    Path folder;

    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SEPARATE, "host-a", "host-b");
    private RecoveryPair pair;

    @BeforeEach
    void makePair() {
        pair = RecoveryPair.make(folder, "ec:P-256");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void anIncarnationThatWasCreatedWithoutAKeyGetsItsEscrowTogetherWithTheEnvelope() {
        cluster.operators.configure(pair.certificate());
        cluster.server.put(VmScene.reserved(1).vm());
        cluster.rounds(4);
        assertThat(incarnation().envelope()).isNull();
        assertThat(incarnation().escrow()).isNull();

        cluster.server.createIfAbsent(ProtectionKeySecret.of(
                Incarnations.NAMESPACE,
                Vms.UID,
                Vms.NAMESPACE,
                Vms.NAME,
                KeyFixture.protectionKey().bytes()));
        cluster.settle();

        assertThat(incarnation().envelope()).isNotNull();
        assertThat(escrow().key()).isEqualTo(KeyFixture.protectionKey());
    }

    @Test
    void aRunningVmIsEscrowedWhenACertificateIsConfigured() {
        cluster.start();
        assertThat(incarnation().escrow()).isNull();

        cluster.operators.configure(pair.certificate());
        cluster.settle();

        assertThat(incarnation().epoch()).isEqualTo(1);
        assertThat(escrow().record().epoch()).isEqualTo(1);
        assertThat(escrow().record().vTPM()).isNotNull();
    }

    private VMIncarnationSpec incarnation() {
        return cluster.incarnation(1).orElseThrow().getSpec();
    }

    private Escrow escrow() {
        return ((Escrow.Opening.Opened)
                        Escrow.open(Base64.getDecoder().decode(incarnation().escrow()), pair.key()))
                .escrow();
    }
}
