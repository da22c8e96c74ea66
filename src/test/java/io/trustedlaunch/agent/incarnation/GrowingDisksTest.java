package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.disks.FakeDiskTool;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A VM that ran with an OS disk of 8Mi and a data disk of 4Mi, and starts again with disks of other sizes. */
class GrowingDisksTest extends OneHost {
    private static final long MIB = 1 << 20;

    @BeforeEach
    void run() {
        world.pass(incarnation);
        world.stop(incarnation);
    }

    @Test
    void disksGrowAtALaterStartAndNeverShrink() throws IOException {
        world.stop(world.start(2, disks(16, 64)));
        assertDisks(16, 64);

        world.start(3, disks(8, 4));

        world.assertRuns();
        assertDisks(16, 64);
    }

    /** From a backup that was made before they grew. */
    @Test
    void theyGrowAgainAfterARestoreOfSmallerOnes() throws IOException {
        world.stop(world.start(2, disks(16, 64)));
        new FakeDiskTool().create(world.folder().osDisk(), 8 * MIB);
        new FakeDiskTool().create(world.folder().dataDisk(DiskIdentity.ofFirstStart("data")), 4 * MIB);

        world.start(3, disks(16, 64));

        world.assertRuns();
        assertDisks(16, 64);
    }

    @ParameterizedTest
    @MethodSource("io.trustedlaunch.agent.incarnation.DeathAtEveryPointTest#points")
    void theyGrowWhereverTheAgentDies(Failpoint point) throws IOException {
        world.failpoints.arm(point);

        VMIncarnation second = world.start(2, disks(16, 64));

        assertThat(world.status(second).phase()).isEqualTo(Phase.Running);
        world.assertRuns();
        assertDisks(16, 64);
    }

    static UnaryOperator<VMIncarnationSpecBuilder> disks(long osDisk, long data) {
        return spec -> spec.machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                .osDiskSize(mebibytes(osDisk))
                .dataDisks(List.of(new Disk("data", mebibytes(data))))
                .build());
    }

    private static Quantity mebibytes(long size) {
        return new Quantity(size + "Mi");
    }

    private void assertDisks(long osDisk, long data) throws IOException {
        assertSize(world.folder().osDisk(), osDisk);
        assertSize(world.folder().dataDisk(DiskIdentity.ofFirstStart("data")), data);
    }

    static void assertSize(Path disk, long mebibytes) throws IOException {
        assertThat(ImageInspector.virtualSizeOfQcow2(disk)).as(disk.toString()).isEqualTo(Optional.of(mebibytes * MIB));
    }
}
