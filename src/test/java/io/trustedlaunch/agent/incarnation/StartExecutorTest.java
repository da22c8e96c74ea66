package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.incarnation;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.incarnation.plan.FactsFixture;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.RecordFixture;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.api.incarnation.EpochProgress;
import io.trustedlaunch.api.incarnation.EpochProgress.End;
import io.trustedlaunch.api.incarnation.EpochProgress.Reached;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.gueststate.Claimant;
import io.trustedlaunch.testkit.Incarnations;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartExecutorTest {
    @TempDir
    private Path folder;

    private VmRecordStore records;

    @BeforeEach
    void makeStore() {
        records = new VmRecordStore(folder);
    }

    @Test
    void aNewEpochIsAddedToWhatWasRecordedSinceTheFactsWereGathered() {
        VmRecord ran = RecordFixture.ran(1);
        records.updateOrBegin(VM, record -> ran);
        IncarnationFacts gathered = FactsFixture.of(incarnation(2, DesiredState.Running))
                .record(ran)
                .facts();
        records.update(VM, record -> record.withEnd(1, Exit.Migrated));

        recordEpoch(gathered);

        assertThat(records.require(VM).of(1).exit()).isEqualTo(Optional.of(Exit.Migrated));
        assertThat(records.require(VM).highestEpoch()).isEqualTo(2);
        assertThat(records.require(VM).of(2).claimant()).map(Claimant::node).contains("host-a");
    }

    @Test
    void itsClaimantIsRecordedOnce() {
        IncarnationFacts gathered =
                FactsFixture.of(incarnation(1, DesiredState.Running)).facts();
        recordEpoch(gathered);
        Optional<Claimant> first = records.require(VM).of(1).claimant();
        recordEpoch(gathered);

        assertThat(first).isPresent().isEqualTo(records.require(VM).of(1).claimant());
    }

    @Test
    void withoutARecordTheDomainThatIsHereIsTheOneThatRan() {
        recordEpoch(FactsFixture.of(incarnation(2, DesiredState.Stopped))
                .domain(1, new DomainState.Running())
                .facts());

        assertThat(records.require(VM).unsealedCopy()).contains(1L);
        assertThat(records.require(VM).highestEpoch()).isEqualTo(2);
    }

    @Test
    void anEndThatWasReportedIsRecorded() {
        VMIncarnation ended = incarnation(2, DesiredState.Running);
        ended.setStatus(Incarnations.status(Phase.Stopped).exit(Exit.Shutdown).build());
        recordEpoch(FactsFixture.of(ended).record(RecordFixture.seen(1)).facts());

        assertThat(records.require(VM).progress(2)).isEqualTo(new EpochProgress(Reached.RESUMED, End.ENDED));
        assertThat(records.require(VM).of(2).exit()).contains(Exit.Shutdown);
    }

    /** Its source may have copied to disks that are gone. */
    @Test
    void anArrivalThatIsForgottenIsNotWaitedFor() {
        recordEpoch(FactsFixture.of(incarnation(2, DesiredState.Running))
                .reported(Phase.Receiving)
                .facts());

        assertThat(records.require(VM).progress(2).neverRan()).isTrue();
    }

    private void recordEpoch(IncarnationFacts gathered) {
        GuestStates states = new GuestStates(
                null, null, records, null, new Secrets(null, "host-a"), new SecureRandom(), Failpoints.none());
        new StartExecutor(
                        null, null, null, null, null, states, vm -> new Ownership.Absent(), records, Failpoints.none())
                .recordEpoch(gathered, gathered.seen());
    }
}
