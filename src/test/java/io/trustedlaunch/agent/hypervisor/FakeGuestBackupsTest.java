package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.agent.domain.BackupSpec;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.Specs;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class FakeGuestBackupsTest extends GuestBackupsContract {
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
    protected DomainSpec start(UUID vm, long epoch) {
        DomainSpec spec = Specs.small(vm, epoch, root);
        fake.prepareVariables(spec);
        fake.putTpm(vm, "tpm of " + vm);
        fake.createPaused(spec, HypervisorContract.SECRET);
        return spec;
    }

    @Override
    protected BackupSpec.Disk exported(Path disk) {
        return new BackupSpec.Disk("os", disk, disk.resolveSibling("scratch.qcow2"));
    }

    @Override
    protected Path socket() {
        return root.resolve("nbd");
    }
}
