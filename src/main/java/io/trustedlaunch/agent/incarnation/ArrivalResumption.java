package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.report.Ek;
import io.trustedlaunch.agent.incarnation.state.ArrivalTpms;
import io.trustedlaunch.agent.incarnation.state.ClaimDraft;
import io.trustedlaunch.agent.incarnation.state.GuestDomains;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resumes a guest that has arrived from another host and has left there; {@link GuestResumption} does it for others.
 * Ownership is not read: no other incarnation starts before the source's has ended, and only its end resumes this one.
 * Nothing is reported before the guest runs, because it is paused meanwhile.
 */
final class ArrivalResumption {
    private static final Logger LOG = LoggerFactory.getLogger(ArrivalResumption.class);

    private final GuestDomains domains;
    private final EkCheck ekCheck;
    private final ArrivalTpms arrivalTpms;
    private final GuestStates states;
    private final IncarnationDisks disks;
    private final VmRecordStore records;
    private final FolderAccess folders;
    private final Failpoints failpoints;
    private final Map<UUID, Prepared> prepared = new ConcurrentHashMap<>();

    /**
     * The guest is paused, so that none of this changes.
     *
     * @param variables the guest state at home that its UEFI variables were taken from
     */
    private record Prepared(long epoch, Ek ek, GuestStateVersion variables, Optional<ClaimDraft> claim) {}

    ArrivalResumption(
            GuestDomains domains,
            EkCheck ekCheck,
            ArrivalTpms arrivalTpms,
            GuestStates states,
            IncarnationDisks disks,
            VmRecordStore records,
            FolderAccess folders,
            Failpoints failpoints) {
        this.domains = domains;
        this.ekCheck = ekCheck;
        this.arrivalTpms = arrivalTpms;
        this.states = states;
        this.disks = disks;
        this.records = records;
        this.folders = folders;
        this.failpoints = failpoints;
    }

    void resume(IncarnationFacts facts) {
        UUID vm = facts.vm();
        Optional<Prepared> known =
                Optional.ofNullable(prepared.remove(vm)).filter(before -> before.epoch() == facts.epoch());
        if (!facts.wasResumed()) {
            Ek ek = known.map(Prepared::ek).orElseGet(() -> arrivalTpms.probe(facts));
            failpoints.reached(Failpoint.TARGET_EK_PROBED);
            if (!ekCheck.isOnRecord(facts, ek)) {
                throw ekCheck.mismatch(facts, ek);
            }
            ekCheck.record(facts, ek);
            states.completeVariables(facts, known.map(Prepared::variables));
            failpoints.reached(Failpoint.TARGET_VARIABLES_COMPLETED);
            records.update(vm, record -> record.resumed(facts.epoch()));
            failpoints.reached(Failpoint.TARGET_RESUME_RECORDED);
        }
        try (Permit permit = folders.toTakeOver(facts)) {
            // From here on the guest is this host's.
            states.claim(permit, facts, records.require(vm).ekDigest().orElseThrow(), known.flatMap(Prepared::claim));
            failpoints.reached(Failpoint.TARGET_HOME_CLAIMED);
            disks.keepCopied(permit, facts);
            domains.resume(permit, vm);
        }
        failpoints.reached(Failpoint.TARGET_RESUMED);
    }

    /**
     * Does in advance what need not wait for the confirmation that the guest has left. {@link #resume} repeats what fails
     * here, and reports its failure.
     */
    void prepare(IncarnationFacts facts) {
        if (!facts.isReceived()) {
            arrivalTpms.learn(facts);
            return;
        }
        Prepared before = prepared.get(facts.vm());
        if (before != null && before.epoch() == facts.epoch()) {
            return;
        }
        try {
            Ek ek = arrivalTpms.probe(facts);
            if (ekCheck.isOnRecord(facts, ek)) {
                ekCheck.record(facts, ek);
                GuestStateVersion variables = states.completeVariables(facts, Optional.empty());
                prepared.put(
                        facts.vm(), new Prepared(facts.epoch(), ek, variables, states.draftClaim(facts, ek.digest())));
            }
        } catch (RefusedException | HypervisorException e) {
            LOG.debug("VM {}: {}", facts.vm(), e.getMessage());
        }
    }
}
