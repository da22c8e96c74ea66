package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.folder.Permit.Act;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.tpm.TpmSecret;
import java.util.UUID;

/** Opens a VM's disks for its guest, and lets it run; no other class does. */
public record GuestDomains(Hypervisor hypervisor) {
    public void createPaused(Permit permit, DomainSpec spec, TpmSecret secret) {
        requireOf(permit, spec.identity().vm(), Act.PREPARE);
        hypervisor.createPaused(spec, secret);
    }

    public void resume(Permit permit, UUID vm) {
        requireOf(permit, vm, Act.RESUME, Act.TAKE_OVER, Act.CONTINUE);
        hypervisor.resume(vm);
    }

    /** Ends a guest that has not run: its files stay as they are. */
    public void end(UUID vm) {
        hypervisor.destroy(vm);
    }

    private static void requireOf(Permit permit, UUID vm, Act... acts) {
        if (!permit.folder(acts).vm().equals(vm)) {
            throw new IllegalStateException(permit + " is used for VM " + vm);
        }
    }
}
