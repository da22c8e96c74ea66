package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Devices;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The agent dies at each of its failpoints: in the first incarnation, in a later one, or during the erasure. */
class DeathAtEveryPointTest {
    private World world;

    static Stream<Failpoint> points() {
        return Arrays.stream(Failpoint.values()).filter(point -> point.id().startsWith("agent."));
    }

    @ParameterizedTest
    @MethodSource("points")
    void eachIncarnationRunsOnceWithTheSameKeyAndEnds(Failpoint point, @TempDir Path root) throws IOException {
        world = new World(root);
        world.failpoints.arm(point);
        VMIncarnation first = world.start(1);
        assertRuns(first);
        assertThat(world.guestsStarted()).isEqualTo(1);
        addDisk(first);

        end(first, DesiredState.Stopped);
        assertThat(world.status(first).phase()).isEqualTo(Phase.Stopped);

        VMIncarnation second = world.start(
                2, spec -> spec.machine(world.server.read(first).getSpec().machineNow()));
        assertRuns(second);
        assertThat(world.guestsStarted()).isEqualTo(2);

        end(second, DesiredState.Erased);
        assertThat(world.status(second).phase()).isEqualTo(Phase.Erased);
        assertThat(world.folder().path()).doesNotExist();
        world.assertCopyErased();

        assertThat(world.tpms.made()).isEqualTo(1);
        assertThat(world.failpoints.isArmed(point)).as("the point was reached").isFalse();
        assertThat(world.server.reportedEks()).containsOnly(FakeTpms.ek(1));
    }

    private void addDisk(VMIncarnation running) {
        Machine machine = running.getSpec().machine();
        List<Disk> disks = Stream.concat(
                        machine.dataDisks().stream(), Stream.of(new Disk("added", new Quantity("4Mi"), 1L, null, 1L)))
                .toList();
        world.server.edit(
                running, spec -> spec.devices(new Devices(1L, machine.osDiskSize(), disks, List.of(), machine.nics())));
        world.passWithRestarts(running);
        assertThat(world.hypervisor.spec(VM).orElseThrow().dataDisks())
                .extracting(io.trustedlaunch.agent.domain.Disk::name)
                .contains("added.1");
    }

    private void end(VMIncarnation incarnation, DesiredState desired) {
        world.server.desire(incarnation, desired);
        world.passWithRestarts(incarnation);
        if (world.state().isPresent()) {
            world.hypervisor.powerOff(VM);
        }
        world.passWithRestarts(incarnation);
    }

    private void assertRuns(VMIncarnation incarnation) {
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Running);
        world.assertRuns();
        assertThat(world.hypervisor.find(VM).orElseThrow().epoch())
                .isEqualTo(incarnation.getSpec().epoch());
    }
}
