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
 * The TPMs of guests that are to come, known from what was sealed of them: who stands still is not to wait until its endorsement
 * key has been made anew.
 */
public final class ExpectedTpms {
    private static final Logger LOG = LoggerFactory.getLogger(ExpectedTpms.class);

    private final WorkingCopies copies;
    private final GuestStates states;
    private final Map<UUID, Awaited> awaited = new ConcurrentHashMap<>();

    private record Awaited(long epoch, Tpms.Known tpm) {}

    public ExpectedTpms(WorkingCopies copies, GuestStates states) {
        this.copies = copies;
        this.states = states;
    }

    /** Once for each life. What does not succeed is done without. */
    public void learn(IncarnationFacts facts) {
        if (isKnown(facts, awaited.get(facts.vm()))) {
            return;
        }
        try {
            Tpms.Known tpm = copies.know(facts, states.openNewest(facts).tpm());
            awaited.put(facts.vm(), new Awaited(facts.epoch(), tpm));
        } catch (RefusedException | HypervisorException e) {
            LOG.debug("VM {}: {}", facts.vm(), e.getMessage());
        }
    }

    /** The endorsement key of the TPM that has come. */
    public Ek probe(IncarnationFacts facts) {
        Awaited known = awaited.remove(facts.vm());
        return isKnown(facts, known) && copies.holds(facts, known.tpm())
                ? known.tpm().ek()
                : copies.probe(facts);
    }

    private static boolean isKnown(IncarnationFacts facts, Awaited known) {
        return known != null && known.epoch() == facts.epoch();
    }
}
