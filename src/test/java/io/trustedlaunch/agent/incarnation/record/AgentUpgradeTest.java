package io.trustedlaunch.agent.incarnation.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Call;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.agent.incarnation.IncarnationFixture;
import io.trustedlaunch.agent.incarnation.World;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent is replaced while a guest runs. */
class AgentUpgradeTest {
    @Test
    void aGuestRunsOnAndWhatItChangesLaterGoesHome(@TempDir Path root) throws IOException {
        World world = new World(root);
        VMIncarnation incarnation = world.incarnation(1, DesiredState.Running);
        world.pass(incarnation);
        long calls = world.hypervisor.calls().size();

        world.restartAgent();
        world.pass(incarnation);

        assertThat(world.server.read(incarnation).getStatus().phase()).isEqualTo(Phase.Running);
        assertThat(world.hypervisor.find(IncarnationFixture.VM))
                .hasValueSatisfying(domain -> assertThat(domain.state()).isInstanceOf(DomainState.Running.class));
        assertThat(world.hypervisor.calls().stream().skip(calls).map(Call::operation))
                .doesNotContain(Operation.CREATE_PAUSED, Operation.DESTROY, Operation.RESUME);

        world.guestStores("later");
        world.server.changeSpec(incarnation, DesiredState.Stopped);
        world.pass(incarnation);
        world.hypervisor.powerOff(IncarnationFixture.VM);
        world.pass(incarnation);

        VMIncarnationStatus ended = world.server.read(incarnation).getStatus();
        assertThat(ended.phase()).isEqualTo(Phase.Stopped);
        assertThat(ended.guestState().complete()).isTrue();
        VMIncarnation next = world.incarnation(
                2, DesiredState.Running, ended.guestState().version().toString(), null);
        world.server.ownEpoch(2);
        world.pass(next);
        assertThat(world.stored()).isEqualTo("later");
    }
}
