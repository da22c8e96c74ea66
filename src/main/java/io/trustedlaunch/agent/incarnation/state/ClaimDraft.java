package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.gueststate.GuestStateSealer;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.gueststate.SecureBootVariables;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.vm.SecureBootState;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.gueststate.GuestState;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The claim of an arrived guest, sealed while its source still may have it: the guest is paused until the claim is made.
 *
 * @param there what the home had when it was drafted
 * @param tpmDigest of the TPM's state in it
 * @param file as it will be at home
 */
public record ClaimDraft(
        List<GuestStateVersion> there,
        GuestStateVersion version,
        String tpmDigest,
        Optional<SecureBootState> secureBoot,
        byte[] file) {

    static ClaimDraft of(List<GuestStateVersion> there, GuestStateSealer.Draft draft) {
        GuestState state = draft.state();
        return new ClaimDraft(
                there,
                state.version(),
                Sha256.of(state.tpm()),
                SecureBootVariables.state(state.variables()),
                draft.file());
    }

    /** Whether it was made from what is there now: its source seals until the guest has left. */
    boolean isOf(List<GuestStateVersion> home, Optional<String> tpm) {
        return there.equals(home) && tpm.equals(Optional.of(tpmDigest));
    }

    /** Whether the name was free. */
    boolean publish(Home home) throws IOException {
        return home.publish(version, file);
    }

    void record(VmRecordStore records, UUID vm) {
        records.update(vm, record -> record.sealed(version, secureBoot));
    }
}
