package io.trustedlaunch.operator.vm.seal;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.facts.KeyFixture.protectionKey;
import static io.trustedlaunch.operator.vm.plan.VmScene.recorded;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.operator.vm.facts.KeyFixture;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.recovery.Escrow;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.RecoveryPair;
import io.trustedlaunch.testkit.Vms;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
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
        assertThat(record.home())
                .isEqualTo(new TrustedLaunchVMStatus.Home("default", "host-a", 1L, false, Incarnations.CLUSTER));
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
        RetainedVMRecord first = open(reserved(1)).record();
        RetainedVMRecord record = open(reserved(2).restoring().key(KeyFixture.takenOver(first, VmScene.OWN_UID)))
                .record();

        assertThat(record.uid()).isEqualTo(Vms.UID);
        assertThat(record.objectUID()).isEqualTo(VmScene.OWN_UID);
    }

    @Test
    void anIncarnationThatStartsNothingAndAnOperatorWithoutACertificateHaveNone() {
        VmScene halted = reserved(1).strategy(RunStrategy.Halted);
        VMIncarnationSpec stopping = created(halted);
        assertThat(stopping.desiredState()).isEqualTo(Stopped);
        assertThat(escrows.of(stopping, halted.facts().vm(), protectionKey())).isEmpty();

        VmScene scene = reserved(1);
        assertThat(new Escrows(Optional.empty(), new SecureRandom())
                        .of(created(scene), scene.facts().vm(), protectionKey()))
                .isEmpty();
    }

    private static Escrow open(VmScene scene) {
        String sealed =
                escrows.of(created(scene), scene.facts().vm(), protectionKey()).orElseThrow();
        return ((Escrow.Opening.Opened) Escrow.open(Base64.getDecoder().decode(sealed), pair.key())).escrow();
    }
}
