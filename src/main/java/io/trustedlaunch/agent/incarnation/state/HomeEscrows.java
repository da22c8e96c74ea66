package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.files.NoSpace;
import java.io.IOException;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Writes the escrows of incarnations to their homes. */
final class HomeEscrows {
    private final Map<UUID, Long> written = new ConcurrentHashMap<>();

    /** Writes the escrow of a guest that was started before there was a recovery certificate; once in each process. */
    void keep(IncarnationFacts facts, Supplier<Home> home) {
        if (facts.spec().escrow() != null && !Long.valueOf(facts.epoch()).equals(written.get(facts.vm()))) {
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
            written.put(facts.vm(), facts.epoch());
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
