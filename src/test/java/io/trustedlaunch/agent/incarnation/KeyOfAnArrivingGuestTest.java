package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.FailpointFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** To make an endorsement key takes long, and a guest that has arrived stands still: it is made while the guest is on its way. */
class KeyOfAnArrivingGuestTest {
    private static final String OTHER = "host-b";

    private World source;
    private World target;
    private VMIncarnation stays;
    private VMIncarnation comes;

    @BeforeEach
    void letAGuestBeOnItsWay(@TempDir Path root) throws IOException {
        source = new World(Files.createDirectory(root.resolve("a")));
        target = World.beside(source, Files.createDirectory(root.resolve("b")), OTHER);
        stays = source.incarnation(1, DesiredState.Running);
        source.pass(stays);
        comes = target.arrival(2, stays);
        target.pass(comes);
        source.server.depart(
                stays,
                VMIncarnationSpecDepartureBuilder.builder()
                        .epoch(2L)
                        .nodeName(OTHER)
                        .address("192.0.2.2")
                        .port(16515)
                        .cancelled(false)
                        .copiesDisks(false)
                        .build());
        source.arm(Failpoint.SOURCE_LEFT_RECORDED);
        assertThatThrownBy(() -> source.pass(stays)).isInstanceOf(FailpointFolder.Died.class);
        target.hypervisor.pause(IncarnationFixture.VM, PauseReason.MIGRATION);
    }

    @Test
    void itIsNotMadeWhileTheGuestStandsStill() {
        target.pass(comes);
        arrive();

        target.arm(Failpoint.TARGET_RESUMED);
        assertThatThrownBy(() -> target.pass(comes)).isInstanceOf(FailpointFolder.Died.class);

        assertThat(target.tpms.probed()).isZero();
        assertThat(state()).isInstanceOf(DomainState.Running.class);
    }

    @Test
    void withoutThatItIsMadeThen() {
        arrive();

        target.arm(Failpoint.TARGET_RESUMED);
        assertThatThrownBy(() -> target.pass(comes)).isInstanceOf(FailpointFolder.Died.class);

        assertThat(target.tpms.probed()).isEqualTo(1);
        assertThat(state()).isInstanceOf(DomainState.Running.class);
    }

    @Test
    void aGuestWhoseTpmIsAnotherThanWasSealedIsNotLetRun() {
        target.pass(comes);
        arrive();
        target.hypervisor.putTpm(IncarnationFixture.VM, FakeTpms.state(FakeTpms.ek(7), "of another"));

        target.pass(comes);

        assertThat(target.server.read(comes).getStatus().reason()).isEqualTo(Reason.EkMismatch.name());
        assertThat(state()).isInstanceOf(DomainState.Paused.class);
    }

    /** It is whole, and its source says so. */
    private void arrive() {
        target.hypervisor.pause(IncarnationFixture.VM, PauseReason.REQUESTED);
        source.restartAgent();
        source.pass(stays);
    }

    private DomainState state() {
        return target.hypervisor
                .find(IncarnationFixture.VM)
                .map(DomainInfo::state)
                .orElseThrow();
    }
}
