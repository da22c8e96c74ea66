package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.RecordedDisk;
import io.trustedlaunch.operator.vm.facts.KeyFixture;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.recovery.Escrow;
import io.trustedlaunch.recovery.EscrowName;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.RecoveryPair;
import io.trustedlaunch.testkit.Vms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
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

    /** Recovered from an escrow without it, the VM would not start: its state lists the disk. */
    @Test
    void aDiskThatComesWhileTheGuestRunsIsInTheEscrow() throws IOException {
        cluster.operators.configure(pair.certificate());
        cluster.start();
        byte[] first = home();
        cluster.users.edit(spec -> spec.dataDisks(List.of(new DataDisk("logs", new Quantity("4Mi")))));
        cluster.settle();

        assertThat(incarnation().epoch()).isEqualTo(1);
        assertThat(incarnation().devices().dataDisks()).extracting(Disk::name).containsExactly("logs");
        assertThat(escrow().record().dataDisks()).extracting(RecordedDisk::name).containsExactly("logs");
        assertThat(escrow().vm().getSpec().dataDisks())
                .extracting(DataDisk::name)
                .containsExactly("logs");
        assertThat(home())
                .isNotEqualTo(first)
                .isEqualTo(Base64.getDecoder().decode(incarnation().escrow()));
    }

    private byte[] home() throws IOException {
        Path vms = cluster.host(incarnation().nodeName()).vms();
        return Files.readAllBytes(
                new VmFolder(vms, UUID.fromString(Vms.UID)).path().resolve(EscrowName.of(1)));
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
