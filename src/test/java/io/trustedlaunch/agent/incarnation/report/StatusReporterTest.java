package io.trustedlaunch.agent.incarnation.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.incarnation.IncarnationFixture;
import io.trustedlaunch.agent.incarnation.PlayedOperator;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import org.junit.jupiter.api.Test;

class StatusReporterTest {
    private final PlayedOperator server = new PlayedOperator();
    private final StatusReporter reporter = new StatusReporter(server);
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
}
