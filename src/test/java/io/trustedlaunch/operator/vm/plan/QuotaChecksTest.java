package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertStartsOn;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Charge;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a VM counts for, and which starts a quota refuses. A VM has two cores, 1Gi of memory and a disk of 10Gi. */
class QuotaChecksTest {
    private static final long GIB = 1L << 30;
    private static final Charge STARTED = new Charge(2, new Quantity("1Gi"), new Quantity("10Gi"), null);
    private static final Charge OFF = new Charge(null, null, new Quantity("10Gi"), null);

    @Test
    void aFirstStartTakesOneVmItsCoresMemoryAndDisks() {
        VmScene applied = VmScene.applied().withFinalizer().withKey();
        assertThat(applied.newStatus().charged()).isEqualTo(STARTED);
        assertRefused(
                applied.quota(hard -> hard.vms(3L), others -> others.vms(3)),
                Reason.QuotaExceeded,
                "VMQuota team leaves too little: vms: 1 more wanted, 3 of 3 in use, 1 missing",
                "raise it");
        assertRefused(
                applied.quota(
                        hard -> hard.cores(5L).memory(new Quantity("2Gi")),
                        others -> others.cores(4).memory(2 * GIB)),
                Reason.QuotaExceeded,
                "cores: 2 more wanted, 4 of 5 in use, 1 missing, memory: 1Gi more wanted, 2Gi of 2Gi in use, 1Gi missing");
        assertRefused(
                applied.quota(hard -> hard.storage(new Quantity("15Gi")), others -> others.storage(6 * GIB)),
                Reason.QuotaExceeded,
                "storage: 10Gi more wanted, 6Gi of 15Gi in use, 1Gi missing");
        assertThat(applied.newStatus().charged()).isNull();
        assertStartsOn(
                "host-a",
                applied.quota(
                        hard -> hard.vms(1L)
                                .cores(2L)
                                .memory(new Quantity("1Gi"))
                                .storage(new Quantity("10Gi")),
                        others -> others));
    }

    /** Neither a finalizer nor a key is made for it. */
    @Test
    void whatIsRefusedHasNothing() {
        assertRefused(VmScene.applied().quota(hard -> hard.vms(0L), others -> others), Reason.QuotaExceeded);
    }

    @Test
    void aVmThatIsSwitchedOffGivesBackCoresAndMemory() {
        assertThat(stopped().strategy(RunStrategy.Halted).newStatus().charged()).isEqualTo(OFF);
        assertThat(VmScene.running()
                        .charged(STARTED)
                        .strategy(RunStrategy.RerunOnFailure)
                        .incarnation(1, Running, ended(Exit.Shutdown).guestState(sealed(1, 2, true)))
                        .newStatus()
                        .charged())
                .as("its guest has shut down")
                .isEqualTo(OFF);
    }

    @Test
    void aStartAfterThatAsksForThemAgain() {
        VmScene halted = stopped().charged(OFF);
        assertRefused(
                halted.quota(hard -> hard.cores(5L), others -> others.cores(4)),
                Reason.QuotaExceeded,
                "cores: 2 more wanted");
        assertStartsOn(
                "host-a", halted.quota(hard -> hard.vms(0L).storage(new Quantity("1Gi")), others -> others.vms(7)));
    }

    @Test
    void aGuestThatEndsByItselfStartsAgainWhateverTheQuotaIsByNow() {
        assertStartsOn(
                "host-a",
                stopped()
                        .quota(
                                hard -> hard.vms(0L)
                                        .cores(0L)
                                        .memory(new Quantity("0"))
                                        .storage(new Quantity("0")),
                                others -> others.vms(9).cores(99)));
    }

    @Test
    void aGuestThatRunsGoesOnWhenTheQuotaShrinks() {
        VmScene running =
                VmScene.running().charged(STARTED).quota(hard -> hard.vms(0L).cores(0L), others -> others);
        assertThat(running.step()).isInstanceOf(VmStep.Settled.class);
        assertThat(running.newStatus().charged()).isEqualTo(STARTED);
    }

    @Test
    void aGuestIsNotRestartedWithMoreThanTheQuotaLeaves() {
        VmScene larger = VmScene.running()
                .charged(STARTED)
                .spec(spec -> spec.cores(4))
                .restartRequested("now")
                .quota(hard -> hard.cores(3L), others -> others);
        assertThat(larger.step(VmStep.Settled.class).message())
                .contains("the requested restart waits: VMQuota team leaves too little: cores: 2 more wanted");
        assertThat(larger.spec(spec -> spec.cores(2)).step()).isInstanceOf(VmStep.Retire.class);
        assertThat(larger.spec(spec -> spec.cores(4))
                        .quota(hard -> hard.cores(4L), others -> others)
                        .step())
                .isInstanceOf(VmStep.Retire.class);
    }

    @Test
    void moreCoresMemoryOrDiskAreAskedForAtTheNextStart() {
        VmScene larger = stopped().spec(spec -> spec.cores(4));
        assertRefused(
                larger.quota(hard -> hard.cores(6L), others -> others.cores(3)),
                Reason.QuotaExceeded,
                "cores: 2 more wanted, 5 of 6 in use, 1 missing");
        assertThat(larger.newStatus().charged()).as("it keeps its part").isEqualTo(STARTED);
        assertStartsOn("host-a", larger.quota(hard -> hard.cores(7L), others -> others.cores(3)));
        assertThat(larger.newStatus().charged().cores()).isEqualTo(4);

        assertRefused(
                stopped().osDisk("30Gi").quota(hard -> hard.storage(new Quantity("25Gi")), others -> others),
                Reason.QuotaExceeded,
                "storage: 20Gi more wanted, 10Gi of 25Gi in use, 5Gi missing");
        assertThat(stopped().osDisk("30Gi").newStatus().charged().storage()).isEqualTo(new Quantity("30Gi"));
    }

    @Test
    void aDataDiskThatGrewCountsBeforeItIsMadeLarger() {
        VmScene grown = VmScene.running()
                .charged(STARTED)
                .spec(spec -> spec.dataDisks(List.of(new DataDisk("data", new Quantity("5Gi")))))
                .restartRequested("now")
                .quota(hard -> hard.storage(new Quantity("14Gi")), others -> others);
        assertThat(grown.step(VmStep.Settled.class).message())
                .contains("the requested restart waits", "storage: 5Gi more wanted, 10Gi of 14Gi in use, 1Gi missing");
        assertThat(grown.quota(hard -> hard.storage(new Quantity("15Gi")), others -> others)
                        .step())
                .isInstanceOf(VmStep.Retire.class);
    }

    @Test
    void aFailoverCountsAndIsNotRefused() {
        VmScene failover = VmScene.running()
                .incarnation(1, Running, reported(Phase.Running).guestState(sealed(1, 5)))
                .charged(STARTED)
                .spec(spec -> spec.cores(4))
                .sharedLocation()
                .fenced("host-a")
                .quota(hard -> hard.vms(0L).cores(0L), others -> others.cores(50));
        assertStartsOn("host-b", failover);
        assertThat(failover.newStatus().charged().cores()).isEqualTo(4);
        assertRefused(failover.charged(OFF), Reason.QuotaExceeded, "cores: 4 more wanted");
    }

    @Test
    void aVmThatANodeReportsCountsAndIsNotRefused() {
        VmScene adopted = VmScene.applied()
                .withFinalizer()
                .withKey()
                .seen("host-a", 4)
                .quota(hard -> hard.vms(0L), others -> others);
        assertThat(adopted.step()).isInstanceOf(VmStep.Adopt.class);
        assertThat(adopted.newStatus().charged()).isEqualTo(STARTED);
    }

    /** Its incarnation was lost with the API server's data. */
    @Test
    void aGuestWhoseIncarnationIsGoneIsNotAskedFor() {
        VmScene lost =
                VmScene.recorded(1).charged(STARTED).quota(hard -> hard.vms(0L).cores(0L), others -> others);
        assertThat(lost.step()).isInstanceOf(VmStep.CreateIncarnation.class);
        assertThat(lost.charged(OFF).seen("host-a", 1).step()).isInstanceOf(VmStep.CreateIncarnation.class);
    }

    @Test
    void anEpochThatCountsForNothingBeginsOnceTheQuotaPermits() {
        VmScene late = VmScene.recorded(1).charged(OFF);
        assertRefused(late.quota(hard -> hard.cores(4L), others -> others.cores(3)), Reason.QuotaExceeded);
        late.quota(hard -> hard.cores(4L), others -> others.cores(2));
        assertThat(late.step()).isEqualTo(new CountEpoch());
        assertThat(late.newStatus().charged()).isEqualTo(STARTED);
    }

    /** Its incarnation has what the spec says when it is created. */
    @Test
    void aSpecThatGrowsAfterTheReservationIsAskedForBeforeTheIncarnation() {
        for (VmScene reserved : List.of(VmScene.reserved(1), VmScene.recorded(1))) {
            VmScene grown = reserved.charged(STARTED).spec(spec -> spec.cores(4));
            assertThat(grown.step()).as("without a quota").isEqualTo(new CountEpoch());
            assertRefused(
                    grown.quota(hard -> hard.cores(5L), others -> others.cores(2)),
                    Reason.QuotaExceeded,
                    "cores: 2 more wanted, 4 of 5 in use, 1 missing");
            grown.quota(hard -> hard.cores(6L), others -> others.cores(2));
            assertThat(grown.step()).isEqualTo(new CountEpoch());
            assertThat(grown.written().step()).isInstanceOf(VmStep.CreateIncarnation.class);
        }
        assertThat(VmScene.reserved(1).charged(STARTED).osDisk("20Gi").step()).isEqualTo(new CountEpoch());
    }

    /** Its guest has ended. */
    private static VmScene stopped() {
        return VmScene.running()
                .ranWith(null, "host-a", 1)
                .charged(STARTED)
                .incarnation(1, Stopped, ended(Exit.Crashed).guestState(sealed(1, 7, true)));
    }
}
