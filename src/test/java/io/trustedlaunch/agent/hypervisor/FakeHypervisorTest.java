package io.trustedlaunch.agent.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.domain.NbdBacking;
import io.trustedlaunch.agent.domain.Specs;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FakeHypervisorTest extends HypervisorContract {
    @TempDir
    private Path root;

    private FakeHypervisor fake;

    @BeforeEach
    void makeFake() {
        fake = new FakeHypervisor(root);
    }

    @Override
    protected Hypervisor hypervisor() {
        return fake;
    }

    @Override
    protected DomainSpec spec(UUID vm, long epoch) {
        return Specs.small(vm, epoch, root);
    }

    @Override
    protected void manufactureTpm(UUID vm) {
        fake.putTpm(vm, "tpm of " + vm);
    }

    @Override
    protected void stopVtpm(UUID vm) {
        fake.setVtpm(vm, new VtpmState.Stopped(1));
    }

    @Override
    protected void continueVtpm(UUID vm) {
        fake.setVtpm(vm, new VtpmState.Responding());
    }

    @Override
    protected void killVtpm(UUID vm) {
        fake.setVtpm(vm, new VtpmState.Ended());
    }

    /** As LibvirtFillsIT has it of QEMU. */
    @Test
    void aDiskIsFilledOnceItIsAskedForHoweverOften() {
        DomainSpec whole = spec(vm(), 1);
        Disk disk = whole.osDisk().filledFrom(new NbdBacking(Path.of("/run/nbd.sock"), "root"));
        fake.prepareVariables(whole);
        manufactureTpm(vm());
        fake.createPaused(DomainSpecBuilder.builder(whole).osDisk(disk).build(), SECRET);
        assertThat(fake.unfilled(vm())).containsExactly(new UnfilledDisk(disk.path(), Optional.empty()));

        fake.pull(vm(), disk.path());
        fake.fill(disk.path(), 3, 4);
        fake.pull(vm(), disk.path());
        assertThat(fake.unfilled(vm()))
                .containsExactly(new UnfilledDisk(disk.path(), Optional.of(new UnfilledDisk.Pull(3, 4))));

        fake.finishFill(disk.path());
        fake.pull(vm(), disk.path());
        assertThat(fake.unfilled(vm())).isEmpty();
    }
}
