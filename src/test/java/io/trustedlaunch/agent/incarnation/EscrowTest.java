package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.recovery.EscrowName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a life's escrow is in the VM's folder. */
class EscrowTest {
    @TempDir
    private Path root;

    private World world;
    private VMIncarnation incarnation;

    @BeforeEach
    void makeTheFirstIncarnation() throws IOException {
        world = new World(root);
        incarnation = world.incarnation(1, DesiredState.Running);
    }

    @Test
    void theEscrowIsInTheFolderBeforeTheGuestsFirstInstructionAndOnlyTheLastLifesStays() throws IOException {
        world.failHome(new IOException("Input/output error"));
        world.pass(incarnation);
        assertThat(status(incarnation).reason()).isEqualTo(Reason.EscrowNotWritten.name());
        assertThat(status(incarnation).message()).contains("Input/output error");
        assertThat(state()).isInstanceOf(DomainState.Paused.class);

        world.failHome(null);
        world.later(Duration.ofMinutes(1));
        world.pass(incarnation);
        assertThat(state()).isInstanceOf(DomainState.Running.class);
        assertThat(escrow(1)).hasBinaryContent(World.escrow(1));

        stop(incarnation);
        start(world.incarnation(2, DesiredState.Running, "1-1", null));
        assertThat(escrow(2)).hasBinaryContent(World.escrow(2));
        assertThat(escrow(1)).doesNotExist();
    }

    @Test
    void aIncarnationWithoutAnEscrowLeavesAnEarlierOnesAlone() {
        world.pass(incarnation);
        stop(incarnation);
        world.escrowing = false;

        start(world.incarnation(2, DesiredState.Running, "1-1", null));

        assertThat(state()).isInstanceOf(DomainState.Running.class);
        assertThat(escrow(1)).exists();
        assertThat(escrow(2)).doesNotExist();
    }

    @Test
    void oneThatComesWhileTheGuestRunsIsWrittenThenAndTheGuestRunsOnWhereThatFails() {
        world.escrowing = false;
        VMIncarnation second = world.incarnation(2, DesiredState.Running, null, null);
        world.pass(incarnation);
        stop(incarnation);
        start(second);
        assertThat(escrow(2)).doesNotExist();

        world.server.escrow(second, World.escrow(2));
        world.failHome(new IOException("Input/output error"));
        world.pass(second);
        assertThat(status(second).reason()).isEqualTo(Reason.EscrowNotWritten.name());
        assertThat(state()).isInstanceOf(DomainState.Running.class);

        world.failHome(null);
        world.pass(second);
        assertThat(status(second).reason()).isEqualTo(Reason.Running.name());
        assertThat(escrow(2)).hasBinaryContent(World.escrow(2));
    }

    private void start(VMIncarnation incarnation) {
        world.server.ownEpoch(incarnation.getSpec().epoch());
        world.pass(incarnation);
    }

    private void stop(VMIncarnation incarnation) {
        world.server.changeSpec(incarnation, DesiredState.Stopped);
        world.pass(incarnation);
        world.hypervisor.powerOff(IncarnationFixture.VM);
        world.pass(incarnation);
    }

    private VMIncarnationStatus status(VMIncarnation incarnation) {
        return world.server.read(incarnation).getStatus();
    }

    private DomainState state() {
        return world.hypervisor.find(IncarnationFixture.VM).orElseThrow().state();
    }

    private Path escrow(long epoch) {
        return world.folder().path().resolve(EscrowName.of(epoch));
    }
}
