package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.gueststate.WorkingCopyContent;
import io.trustedlaunch.agent.gueststate.WorkingCopyReader;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.report.Ek;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.gueststate.GuestState;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The working copies on this host: UEFI variables, which the hypervisor places, and a TPM, which swtpm makes. Methods
 * throw {@link io.trustedlaunch.agent.host.RefusedException} or {@link
 * io.trustedlaunch.agent.hypervisor.HypervisorException}.
 */
public final class WorkingCopies {
    private static final Logger LOG = LoggerFactory.getLogger(WorkingCopies.class);

    private final Hypervisor hypervisor;
    private final Tpms tpms;
    private final Secrets secrets;

    public WorkingCopies(Hypervisor hypervisor, Tpms tpms, Secrets secrets) {
        this.hypervisor = hypervisor;
        this.tpms = tpms;
        this.secrets = secrets;
    }

    public WorkingCopy of(UUID vm) {
        return hypervisor.workingCopy(vm);
    }

    WorkingCopyContent read(UUID vm) throws IOException {
        return WorkingCopyReader.read(of(vm));
    }

    /** Makes variables from the firmware's template, and a new TPM. */
    public void make(DomainSpec spec, UUID vm, TpmSecret secret) {
        hypervisor.prepareVariables(spec);
        tpms.manufacture(of(vm), secret);
    }

    /** Replaces what is there. */
    public void place(UUID vm, GuestState state) {
        hypervisor.placeVariables(vm, state.variables());
        tpms.place(of(vm), state.tpm());
    }

    /** Writes the variables of a guest that has arrived and not run here. */
    void completeVariables(UUID vm, byte[] variables) {
        hypervisor.completeVariables(vm, variables);
    }

    public void erase(UUID vm) {
        hypervisor.eraseState(vm);
    }

    public void setAside(UUID vm) {
        hypervisor.setStateAside(vm);
    }

    public Ek probe(IncarnationFacts facts) {
        return probe(facts.spec(), facts.vm());
    }

    Ek probe(VMIncarnationSpec spec, UUID vm) {
        try (TpmSecret secret = secrets.tpmSecret(spec, vm)) {
            return tpms.probe(of(vm), secret);
        }
    }

    /** The digest of the TPM's state as it is now; empty if that cannot be read. */
    public Optional<String> tpmDigest(UUID vm) {
        try {
            return Optional.of(WorkingCopyReader.tpmDigest(of(vm)));
        } catch (IOException e) {
            LOG.debug("VM {}: {}", vm, e.getMessage());
            return Optional.empty();
        }
    }

    /** Reads a TPM state that is in no working copy, to recognize its TPM later. */
    Tpms.Known know(IncarnationFacts facts, byte[] tpmState) {
        try (TpmSecret secret = secrets.tpmSecret(facts)) {
            return tpms.know(tpmState, secret);
        }
    }

    boolean holds(IncarnationFacts facts, Tpms.Known tpm) {
        try (TpmSecret secret = secrets.tpmSecret(facts)) {
            return tpm.isIn(of(facts.vm()), secret);
        }
    }
}
