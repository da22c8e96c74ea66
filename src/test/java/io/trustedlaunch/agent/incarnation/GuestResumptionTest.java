package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.NODE;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.files.FileTree;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When the guest of a prepared domain runs. */
class GuestResumptionTest extends OneHost {
    @Test
    void aVmThatIsOwnedByAnotherEpochIsNotResumed() {
        world.server.own(2, NODE);

        world.pass(incarnation);

        assertThat(world.reason(incarnation)).isEqualTo(Reason.NotTheOwner);
        world.assertDoesNotRun();
        assertThat(world.records().require(VM).lastRun()).isEmpty();
    }

    @Test
    void aVmThatIsDeletedOrReplacedIsNotResumed() {
        world.server.own(VM.toString(), 1, NODE, true);
        world.pass(incarnation);
        world.assertDoesNotRun();

        world.later(Duration.ofMinutes(1));
        world.server.own("another-uid", 1, NODE, false);
        world.pass(incarnation);
        world.assertDoesNotRun();

        world.later(Duration.ofMinutes(1));
        world.server.disown();
        world.pass(incarnation);
        world.assertDoesNotRun();
    }

    @Test
    void theOwnerOfATakenOverVmIsFoundByItsOwnUid() {
        VmRef vm = incarnation.getSpec().vmRef();
        world.server.edit(
                incarnation, spec -> spec.vmRef(new VmRef(vm.namespace(), vm.name(), vm.uid(), "another-uid")));
        world.pass(incarnation);
        world.assertDoesNotRun();

        world.later(Duration.ofMinutes(1));
        world.server.own("another-uid", 1, NODE, false);
        world.pass(incarnation);
        world.assertRuns();
    }

    /** The data that names its epoch may be from a backup. */
    @Test
    void noGuestRunsBeforeTheLeaderHasVouchedForTheData() {
        world.dataIsCurrent = false;
        assertThat(world.pass(incarnation)).isEqualTo(Duration.ofMillis(250));
        world.assertDoesNotRun();
        assertThat(world.records().require(VM).lastRun()).isEmpty();

        world.dataIsCurrent = true;
        world.pass(incarnation);
        world.assertRuns();
    }

    /** After a restore of the API server's data, the operator does not know any more why it began. */
    @Test
    void theFenceThatAnIncarnationBeganBecauseOfIsRemembered() {
        world.server.edit(incarnation, spec -> spec.afterFences(List.of("host-b-3f0c6d6e")));
        world.fenceProblems.put("host-b-3f0c6d6e", new Problem(Reason.AwaitingFence, "host-b may still write"));
        world.pass(incarnation);
        world.assertDoesNotRun();

        world.server.edit(incarnation, spec -> spec.afterFences(List.of()));
        world.restartAgent();
        world.pass(incarnation);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.AwaitingFence);
        world.assertDoesNotRun();

        world.fenceProblems.clear();
        world.later(Duration.ofMinutes(1));
        world.pass(incarnation);
        world.assertRuns();
    }

    /** No other node could have contradicted the word. */
    @Test
    void aGuestWaitsUntilAPersonAcceptsTheWordByTheNameOfItsFence() {
        world.pass(incarnation);
        world.stop(incarnation);
        VMIncarnation second =
                world.server.edit(world.incarnation(2), spec -> spec.afterFences(List.of("host-b-3f0c6d6e")));
        world.server.own(2, NODE);
        world.fenceProblems.put("host-b-3f0c6d6e", new Problem(Reason.PowerProofRequired, "a word only"));
        world.pass(second);
        world.assertDoesNotRun();
        assertThat(world.reason(second)).isEqualTo(Reason.PowerProofRequired);

        world.server.accept("host-c-77aa6d6e");
        world.later(Duration.ofMinutes(1));
        world.pass(second);
        world.assertDoesNotRun();

        world.server.accept("host-b-3f0c6d6e");
        world.later(Duration.ofMinutes(1));
        world.pass(second);
        world.assertRuns();
    }

    /** No guest of the VM has run anywhere. */
    @Test
    void aFirstStartInAnotherFolderNeedsNoProofOfPower() {
        world.server.edit(incarnation, spec -> spec.afterFences(List.of("host-b-3f0c6d6e")));
        world.fenceProblems.put("host-b-3f0c6d6e", new Problem(Reason.PowerProofRequired, "a word only"));

        world.pass(incarnation);
        world.assertRuns();
    }

    @Test
    void anotherFenceInTheSpecDoesNotReleaseFromTheOneThatIsRemembered() {
        world.server.edit(incarnation, spec -> spec.afterFences(List.of("host-b-3f0c6d6e")));
        world.fenceProblems.put("host-b-3f0c6d6e", new Problem(Reason.FenceContradicted, "host-b was heard"));
        world.pass(incarnation);

        world.server.edit(incarnation, spec -> spec.afterFences(List.of("host-c-77aa6d6e")));
        world.restartAgent();
        world.pass(incarnation);

        assertThat(world.reason(incarnation)).isEqualTo(Reason.FenceContradicted);
        world.assertDoesNotRun();
    }

    /** A fence is removed a day after its host is back. */
    @Test
    void aGuestThatHasRunGoesOnAfterItsDiskWasFullAlthoughItsFenceIsGone() {
        world.server.edit(incarnation, spec -> spec.afterFences(List.of("host-b-3f0c6d6e")));
        world.pass(incarnation);
        world.assertRuns();

        world.fenceProblems.put("host-b-3f0c6d6e", new Problem(Reason.FenceContradicted, "it does not exist"));
        world.hypervisor.pause(VM, DomainState.PauseReason.IO_ERROR);
        world.pass(incarnation);
        world.pass(incarnation);

        world.assertRuns();
    }

    /** The guest of a host that was falsely said to be dead lives on until it sees the claim. */
    @Test
    void aCopyThatIsOlderThanTheNewestStateAtHomeIsMadeAnewBeforeTheClaim() throws IOException {
        world.pass(incarnation);
        world.stop(incarnation);
        VMIncarnation second =
                world.server.edit(world.incarnation(2), spec -> spec.afterFences(List.of("host-b-3f0c6d6e")));
        world.server.own(2, NODE);
        world.dieAt(Failpoint.AGENT_DOMAIN_CREATED, second);
        world.assertPaused();

        world.home.put("1-7", FakeTpms.ek(1), FakeTpms.state(FakeTpms.ek(1), "sealed since"));
        world.pass(second);

        world.assertRuns();
        assertThat(world.stored()).isEqualTo("sealed since");
        assertThat(world.home.tpm("2-1")).contains("sealed since");
    }

    /** QEMU would not see what the guest of a host that is not dead after all writes to them. */
    @Test
    void disksAreClosedOnceAFenceDoesNotHoldAnyMore() {
        world.server.edit(incarnation, spec -> spec.afterFences(List.of("host-b-3f0c6d6e")));
        world.server.recordsKeys = false;
        world.pass(incarnation);
        world.assertPaused();

        world.fenceProblems.put("host-b-3f0c6d6e", new Problem(Reason.AwaitingFence, "host-b may still write"));
        world.pass(incarnation);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.AwaitingFence);
        assertThat(world.hypervisor.find(VM)).isEmpty();

        world.fenceProblems.clear();
        world.server.recordsKeys = true;
        world.later(Duration.ofMinutes(1));
        world.pass(incarnation);
        world.assertRuns();
        assertThat(world.domainsCreated()).isEqualTo(2);
    }

    /** The beacon of the dead node stands still for two minutes now: that says nothing of what was before. */
    @Test
    void disksThatWereOpenedLongAgoAreOpenedAnewBeforeAGuestRunsBecauseOfAFence() {
        world.server.edit(incarnation, spec -> spec.afterFences(List.of("host-b-3f0c6d6e")));
        world.server.recordsKeys = false;
        world.pass(incarnation);
        world.later(Duration.ofMinutes(2));
        world.server.recordsKeys = true;

        world.pass(incarnation);

        world.assertRuns();
        assertThat(world.domainsCreated()).isEqualTo(2);
    }

    /** Its agent dies between the two; whether the guest runs by then, the next one cannot tell. */
    @Test
    void theDisksOfAGuestThatIsOnRecordAsResumedAreNotOpenedAnew() {
        world.server.edit(incarnation, spec -> spec.afterFences(List.of("host-b-3f0c6d6e")));
        world.dieAt(Failpoint.AGENT_RESUME_RECORDED, incarnation);
        world.assertPaused();
        world.restartAgent();

        world.pass(incarnation);

        world.assertRuns();
        assertThat(world.domainsCreated()).isEqualTo(1);
    }

    @Test
    void noGuestRunsBeforeItsKeyIsReported() {
        world.dieAt(Failpoint.AGENT_EPOCH_RECORDED, incarnation);
        world.server.setDown(true);
        world.pass(incarnation);
        world.assertDoesNotRun();

        world.server.setDown(false);
        world.later(Duration.ofMinutes(1));
        world.pass(incarnation);
        world.assertRuns();
    }

    @Test
    void noGuestRunsBeforeItsVmsStatusNamesItsKey() {
        world.server.recordsKeys = false;

        assertThat(world.pass(incarnation)).isEqualTo(Duration.ofMillis(250));
        world.later(Duration.ofSeconds(1));
        assertThat(world.pass(incarnation)).isEqualTo(Duration.ofSeconds(1));
        world.later(Duration.ofMinutes(10));
        assertThat(world.pass(incarnation)).isEqualTo(Duration.ofSeconds(5));

        world.assertPaused();
        assertThat(world.records().require(VM).lastRun()).isEmpty();
        assertThat(phases()).containsExactly(Phase.Prepared);
        assertThat(world.status(incarnation).message()).contains("once the VM's status names");
        assertThat(world.tpms.probed()).isEqualTo(1);

        world.server.recordsKeys = true;
        world.pass(incarnation);
        world.assertRuns();
        assertThat(world.tpms.probed()).isEqualTo(1);
    }

    @Test
    void aKeyThatCouldNotBeReadIsReadAgain() {
        world.tpms.failing = true;
        world.pass(incarnation);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.StartFailed);
        assertThat(world.guestsStarted()).isZero();

        world.tpms.failing = false;
        world.later(Duration.ofMinutes(1));
        world.pass(incarnation);
        world.assertRuns();
    }

    @Test
    void noGuestRunsIfItsVmsStatusNamesAnotherKey() {
        world.dieAt(Failpoint.AGENT_EPOCH_RECORDED, incarnation);
        world.server.recordKey("another");

        world.pass(incarnation);

        assertThat(world.reason(incarnation)).isEqualTo(Reason.EkMismatch);
        assertThat(world.status(incarnation).message()).contains("another", "restore");
        assertThat(world.guestsStarted()).isZero();
    }

    @Test
    void aTpmThatIsReplacedWhileItsKeyIsAwaitedDoesNotRun() {
        world.server.recordsKeys = false;
        world.pass(incarnation);
        world.hypervisor.putTpm(VM, FakeTpms.state(FakeTpms.ek(7), "of another"));
        world.server.recordsKeys = true;

        world.pass(incarnation);

        assertThat(world.reason(incarnation)).isEqualTo(Reason.EkMismatch);
        assertThat(world.guestsStarted()).isZero();
    }

    @Test
    void aTpmWithAnotherKeyThanWasReportedDoesNotRunOnAHostWhoseRecordWasSetBack() {
        world.server.recordsKeys = false;
        world.pass(incarnation);
        world.server.recordsKeys = true;
        world.records().updateOrBegin(VM, record -> VmRecord.NONE.seen(1).withCopyOf(1));
        world.hypervisor.putTpm(VM, FakeTpms.state(FakeTpms.ek(7), "of another"));
        world.server.own(1, NODE);

        world.later(Duration.ofMinutes(1));
        world.pass(incarnation);

        assertThat(world.reason(incarnation)).isEqualTo(Reason.EkMismatch);
        assertThat(world.guestsStarted()).isZero();
    }

    /** The host's disk, with the agent's records and the VM's folder, was restored from before the VM's first start. */
    @Test
    void aFirstStartIsNotMadeAnewOnAHostWhoseDiskWasSetBack() throws IOException {
        world.server.recordsKeys = false;
        world.pass(incarnation);
        world.server.recordsKeys = true;
        assertThat(world.status(incarnation).ekDigest()).isEqualTo(FakeTpms.ek(1));
        world.hypervisor.powerCut();
        world.hypervisor.eraseState(VM);
        FileTree.of(world.folder().path()).delete();
        FileTree.of(root.resolve("records")).delete();
        world.restartAgent();
        world.server.own(1, NODE);

        world.later(Duration.ofMinutes(1));
        world.pass(incarnation);

        assertThat(world.reason(incarnation)).isEqualTo(Reason.TpmStateMissing);
        assertThat(world.status(incarnation).message()).contains("Restore the VM's guest-state files");
        assertThat(world.state()).isEmpty();
        assertThat(world.tpms.made()).isEqualTo(1);
    }
}
