package io.trustedlaunch.agent.incarnation.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.gueststate.GuestStateKeeper.Sealed;
import io.trustedlaunch.agent.incarnation.IncarnationFixture;
import io.trustedlaunch.agent.incarnation.PlayedOperator;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.testkit.JumpingClocksContract;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class StatusReporterTest {
    private final PlayedOperator server = new PlayedOperator();
    private Optional<String> ekHere = Optional.empty();
    private final StatusReporter reporter = new StatusReporter(server, vm -> ekHere.map(VmRecord.NONE::withEk));
    private final VMIncarnation cached = server.create(IncarnationFixture.incarnation(1, DesiredState.Running));

    @Test
    void anUnchangedStatusIsNotWrittenAgain() {
        reporter.report(cached, preparing("copying"));
        reporter.report(cached, preparing("copying"));

        assertThat(server.written()).hasSize(1);
    }

    @Test
    void anOutdatedCacheIsNotUsedAfterSeveralWritesEither() {
        reporter.report(cached, preparing("1"));
        reporter.report(reporter.latest(cached), preparing("2"));
        reporter.report(reporter.latest(cached), preparing("3"));

        assertThat(reporter.latest(cached).getStatus().message()).isEqualTo("3");
    }

    @Test
    void anUpToDateCacheIsUsed() {
        reporter.report(cached, preparing("1"));

        assertThat(reporter.latest(server.read(cached)).getStatus().message()).isEqualTo("1");
    }

    @Test
    void aLostStatusIsWrittenAgain() {
        reporter.report(cached, preparing("1"));
        VMIncarnation restored = server.create(cached);

        assertThat(reporter.latest(restored).getStatus()).isNull();
        reporter.report(restored, preparing("1"));
        assertThat(server.written()).hasSize(2);
    }

    /** The first TPM was lost before it ran, and the API server's data was restored from before the second one. */
    @Test
    void theKeyOfAnEarlierTpmIsNotReportedAgain() {
        reporter.report(cached, withEk("first"));
        ekHere = Optional.of("second");

        reporter.report(cached, new IncarnationStatus(reporter.latest(cached)).preparing("1"));

        VMIncarnationStatus reported = reporter.latest(cached).getStatus();
        assertThat(reported.ekDigest()).isEqualTo("second");
        assertThat(reported.ekPublic()).as("is read from the TPM again").isNull();
    }

    @Test
    void theKeyThatIsHereIsReportedWithItsPublicArea() {
        ekHere = Optional.of("first");

        reporter.report(cached, withEk("first"));

        assertThat(reporter.latest(cached).getStatus()).isEqualTo(withEk("first"));
    }

    /** It is not reported because another TPM of the VM is on record here. */
    @Test
    void aGuestWhoseKeyIsNotReportedIsNotWrittenAgainAndAgain() {
        ekHere = Optional.of("second");

        reporter.report(cached, arrivedAt(Instant.EPOCH));
        reporter.report(cached, arrivedAt(Instant.EPOCH.plusSeconds(1)));

        assertThat(server.written()).hasSize(1);
    }

    private VMIncarnationStatus arrivedAt(Instant now) {
        return arrivedAt(now, 7);
    }

    private VMIncarnationStatus arrivedAt(Instant now, long generation) {
        Sealed newest = new Sealed(new GuestStateVersion(1L, generation), now, Optional.empty());
        return new IncarnationStatus(reporter.latest(cached))
                .arrived(new Ek("first", "public area"), Optional.of(newest));
    }

    private VMIncarnationStatus withEk(String digest) {
        return VMIncarnationStatusBuilder.builder(preparing("1"))
                .ekDigest(digest)
                .ekPublic("public area")
                .build();
    }

    @Test
    void aNewerSpecAloneIsNotWritten() {
        reporter.report(cached, preparing("1"));
        VMIncarnation changed = server.desire(cached, DesiredState.Running);

        reporter.report(changed, new IncarnationStatus(changed).preparing("1"));

        assertThat(server.written()).hasSize(1);
    }

    private VMIncarnationStatus preparing(String message) {
        return new IncarnationStatus(cached).preparing(message);
    }

    @Nested
    class AReportOfGuestStateAlone extends JumpingClocksContract {
        private long generation;

        @Override
        protected Duration pause() {
            return Duration.ofMinutes(5);
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            reporter.report(cached, arrivedAt(since, ++generation));
            int before = server.written().size();
            reporter.reportRunning(cached, arrivedAt(now.plusMillis(1), ++generation), now);
            return server.written().size() == before;
        }
    }
}
