package io.trustedlaunch.agent;

import io.trustedlaunch.agent.host.HostPrograms;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.tpm.SwtpmFacts;
import io.trustedlaunch.agent.tpm.TpmException;
import io.trustedlaunch.api.Reason;
import java.util.function.Supplier;

/** Checks that the host has what VMs need besides libvirt. What is missing may be installed at any time. */
record HostPreflight(HypervisorAccount account, HostPrograms programs, Supplier<SwtpmFacts> tpm)
        implements Supplier<SwtpmFacts> {
    /** @throws RefusedException with what is missing, and how to get it */
    @Override
    public SwtpmFacts get() {
        account.problem().or(programs::problem).ifPresent(problem -> {
            throw new RefusedException(Reason.PreflightFailed, problem);
        });
        try {
            return tpm.get();
        } catch (TpmException e) {
            throw new RefusedException(
                    Reason.PreflightFailed,
                    "this node cannot make encrypted TPMs: " + e.getMessage() + "; check swtpm and swtpm_setup on it",
                    e);
        }
    }
}
