package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.Specs;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
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
}
