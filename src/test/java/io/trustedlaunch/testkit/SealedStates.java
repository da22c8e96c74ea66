package io.trustedlaunch.testkit;

import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.gueststate.GuestState;
import io.trustedlaunch.gueststate.GuestStateBuilder;
import io.trustedlaunch.gueststate.TpmTrail;
import java.util.List;
import java.util.UUID;

/** Guest states of a VM with the data disk of {@link Incarnations}, for tests that are not about whose they are. */
public final class SealedStates {
    private SealedStates() {}

    /** The first sealed state of a TPM, of host-a. */
    public static GuestState state(UUID vm, GuestStateVersion version, String ekDigest, byte[] tpm, byte[] variables) {
        return GuestStateBuilder.builder()
                .vm(vm)
                .version(version)
                .claimant(Claimants.HOST_A)
                .dataDisks(List.of(DiskIdentity.ofFirstStart("data")))
                .ekDigest(ekDigest)
                .tpm(tpm)
                .variables(variables)
                .trail(TpmTrail.NONE.and(tpm))
                .build();
    }
}
