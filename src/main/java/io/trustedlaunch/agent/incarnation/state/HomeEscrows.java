package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.files.NoSpace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Writes the escrows of incarnations to their homes. */
final class HomeEscrows {
    private final Map<UUID, Written> written = new ConcurrentHashMap<>();

    /** Which escrow a home has; a digest, since escrows are long. */
    private record Written(long epoch, String digest) {
        static Written of(IncarnationFacts facts) {
            Sha256 digest = new Sha256();
            digest.update(StandardCharsets.US_ASCII.encode(facts.spec().escrow()));
            return new Written(facts.epoch(), digest.hex());
        }
    }

    /**
     * Writes the escrow of a guest that runs, once in each process: its disks have changed, or there was no recovery certificate when it
     * was started.
     */
    void keep(IncarnationFacts facts, Supplier<Home> home) {
        if (facts.spec().escrow() != null && !Written.of(facts).equals(written.get(facts.vm()))) {
            write(facts, home.get());
        }
    }

    void write(IncarnationFacts facts, Home home) {
        String escrow = facts.spec().escrow();
        if (escrow == null) {
            return;
        }
        try {
            home.keepEscrow(facts.epoch(), Base64.getDecoder().decode(escrow));
            written.put(facts.vm(), Written.of(facts));
        } catch (IOException e) {
            throw new RefusedException(
                    NoSpace.isCauseOf(e) ? Reason.NoSpace : Reason.EscrowNotWritten,
                    "the escrow cannot be written to the VM's folder: " + e.getMessage() + "; "
                            + NoSpace.nextStep(e, GuestStates.CHECK_LOCATION),
                    e);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(
                    Reason.EscrowNotWritten,
                    "the escrow is not base64; remove spec.escrow of the VMIncarnation to have it sealed again",
                    e);
        }
    }
}
