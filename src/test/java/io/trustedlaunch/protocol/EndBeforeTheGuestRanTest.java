package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.Vms;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A host loses its power after it has prepared a VM's first guest, and before it resumes it; then nobody wants it to run. */
class EndBeforeTheGuestRanTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SEPARATE, "host-a");
    private final Host a = cluster.host("host-a");

    @BeforeEach
    void losePowerBetweenPreparationAndResumption() {
        cluster.apply(Vms.vm(Vms.spec().build()));
        cluster.roundsUntil(() -> status(Phase.Prepared));
        cluster.operate();
        a.powerOff();
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(2);
        a.powerOn();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private boolean status(Phase phase) {
        return cluster.incarnation(1)
                .map(VMIncarnation::getStatus)
                .map(VMIncarnationStatus::phase)
                .filter(phase::equals)
                .isPresent();
    }

    /** That all of it is at home is on record before its agent looks at it again. */
    private void end() {
        cluster.roundsUntil(() -> status(Phase.Stopped));
        for (int pass = 0; pass < 4; pass++) {
            cluster.operate();
        }
        cluster.settle();
        cluster.assertDoesNotRun();
        assertThat(cluster.incarnation(1).orElseThrow().getStatus().exit()).isEqualTo(Exit.NeverRan);
        assertThat(cluster.status().guestState().home().complete()).isTrue();
    }

    private void startAgain() {
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();
        cluster.assertRunsAsRecorded();
        assertThat(cluster.tpms.made()).isEqualTo(1);
    }

    @Test
    void itsRecordSaysThatItNeverRanAndTheVmStartsFromItsClaim() {
        end();

        assertThat(a.records()
                        .lookUp(ClusterUnderTest.VM)
                        .found()
                        .orElseThrow()
                        .progress(1)
                        .neverRan())
                .isTrue();
        startAgain();
    }

    /** What is on record is complete at home, and so nothing is missed that may have been newer. */
    @Test
    void theVmStartsFromItsClaimIfItsNodeHasLostItsRecord() throws IOException {
        end();
        a.powerOff();
        Files.delete(a.disk().resolve("records").resolve(ClusterUnderTest.VM + ".json"));
        a.powerOn();
        cluster.settle();

        startAgain();
    }
}
