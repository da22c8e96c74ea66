package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.report.Ek;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TPMs of expected guests, read from their sealed states in advance: an arrived guest is paused, and should not wait
 * until its endorsement key has been derived again.
 */
public final class ArrivalTpms {
    private static final Logger LOG = LoggerFactory.getLogger(ArrivalTpms.class);

    private final WorkingCopies copies;
    private final GuestStates states;
    private final Map<UUID, Expected> expected = new ConcurrentHashMap<>();

    private record Expected(long epoch, Tpms.Known tpm) {}

    public ArrivalTpms(WorkingCopies copies, GuestStates states) {
        this.copies = copies;
        this.states = states;
    }

    /** Done once for each incarnation; without it, {@link #probe} takes longer. */
    public void learn(IncarnationFacts facts) {
        if (isKnown(facts, expected.get(facts.vm()))) {
            return;
        }
        try {
            Tpms.Known tpm = copies.know(facts, states.openNewest(facts).tpm());
            expected.put(facts.vm(), new Expected(facts.epoch(), tpm));
        } catch (RefusedException | HypervisorException e) {
            LOG.debug("VM {}: {}", facts.vm(), e.getMessage());
        }
    }

    /** The endorsement key of the TPM that has arrived. */
    public Ek probe(IncarnationFacts facts) {
        Expected known = expected.remove(facts.vm());
        return isKnown(facts, known) && copies.holds(facts, known.tpm())
                ? known.tpm().ek()
                : copies.probe(facts);
    }

    private static boolean isKnown(IncarnationFacts facts, Expected known) {
        return known != null && known.epoch() == facts.epoch();
    }
}
