package io.trustedlaunch.agent.incarnation.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.incarnation.FakeApiServer;
import io.trustedlaunch.agent.incarnation.IncarnationFixture;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import org.junit.jupiter.api.Test;

class StatusReporterTest {
    private final FakeApiServer server = new FakeApiServer();
    private final StatusReporter teller = new StatusReporter(server);
    private final VMIncarnation cached = server.create(IncarnationFixture.incarnation(1, DesiredState.Running));

    @Test
    void whatIsToldAlreadyIsNotWrittenAgain() {
        teller.report(cached, preparing("copying"));
        teller.report(cached, preparing("copying"));

        assertThat(server.written()).hasSize(1);
    }

    @Test
    void aCacheThatIsBehindIsNotBelievedAfterSeveralWritesEither() {
        teller.report(cached, preparing("1"));
        teller.report(teller.latest(cached), preparing("2"));
        teller.report(teller.latest(cached), preparing("3"));

        assertThat(teller.latest(cached).getStatus().message()).isEqualTo("3");
    }

    @Test
    void aCacheThatHasCaughtUpIsBelieved() {
        teller.report(cached, preparing("1"));

        assertThat(teller.latest(server.read(cached)).getStatus().message()).isEqualTo("1");
    }

    @Test
    void aStatusThatWasTakenAwayIsToldAgain() {
        teller.report(cached, preparing("1"));
        VMIncarnation restored = server.restore(cached);

        assertThat(teller.latest(restored).getStatus()).isNull();
        teller.report(restored, preparing("1"));
        assertThat(server.written()).hasSize(2);
    }

    @Test
    void aNewerSpecAloneIsNoNews() {
        teller.report(cached, preparing("1"));
        VMIncarnation changed = server.changeSpec(cached, DesiredState.Running);

        teller.report(changed, new IncarnationStatus(changed).preparing("1"));

        assertThat(server.written()).hasSize(1);
    }

    private VMIncarnationStatus preparing(String message) {
        return new IncarnationStatus(cached).preparing(message);
    }
}
