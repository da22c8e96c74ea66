package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.incarnation.report.Ek;
import io.trustedlaunch.agent.tpm.TpmSecret;

/** The host's TPM makers and readers. All throw {@link io.trustedlaunch.agent.host.RefusedException}. */
public interface Tpms {
    /** Makes the VM's TPM; one that is there already is left as it is. */
    void manufacture(WorkingCopy copy, TpmSecret secret);

    /** Puts a state where the TPM of a working copy that holds none is to be: whole, durable, swtpm's own. */
    void place(WorkingCopy copy, byte[] state);

    /** Reads the endorsement key from a copy of the state. */
    Ek probe(WorkingCopy copy, TpmSecret secret);

    /** Looks into a state that is in no working copy, so that its TPM is recognized later. */
    Known know(byte[] state, TpmSecret secret);

    /** A TPM with its endorsement key. */
    interface Known {
        Ek ek();

        /** Whether the working copy is this TPM's, whatever has happened to it since; takes a fraction of {@link #probe}. */
        boolean isIn(WorkingCopy copy, TpmSecret secret);
    }
}
