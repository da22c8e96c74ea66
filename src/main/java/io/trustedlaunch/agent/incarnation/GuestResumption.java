package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.gueststate.GuestStateKeeper.Sealed;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.report.Ek;
import io.trustedlaunch.agent.incarnation.report.IncarnationStatus;
import io.trustedlaunch.agent.incarnation.report.StatusReporter;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.agent.incarnation.state.WorkingCopies;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;

/**
 * Resumes the guest of a paused domain. The order matters: the home is claimed and the endorsement key reported before the
 * guest can use either, ownership is read after that, and the record that the guest ran is durable before it does.
 */
final class GuestResumption {
    /** With less, a resumed guest would fill its disk again within moments. */
    private static final long ENOUGH_SPACE = 256L << 20;

    private final Hypervisor hypervisor;
    private final WorkingCopies copies;
    private final EkCheck ekCheck;
    private final OwnershipCheck ownership;
    private final GuestStates states;
    private final VmRecordStore records;
    private final StatusReporter reporter;
    private final Failpoints failpoints;
    private final InstantSource clock;

    GuestResumption(
            Hypervisor hypervisor,
            WorkingCopies copies,
            EkCheck ekCheck,
            OwnershipCheck ownership,
            GuestStates states,
            VmRecordStore records,
            StatusReporter reporter,
            Failpoints failpoints,
            InstantSource clock) {
        this.hypervisor = hypervisor;
        this.copies = copies;
        this.ekCheck = ekCheck;
        this.ownership = ownership;
        this.states = states;
        this.records = records;
        this.reporter = reporter;
        this.failpoints = failpoints;
        this.clock = clock;
    }

    void resume(IncarnationFacts facts) {
        UUID vm = facts.vm();
        Ek ek = copies.probe(facts);
        failpoints.reached(Failpoint.AGENT_EK_PROBED);
        requireOnRecord(facts, ek);
        GuestStateVersion claim = states.claim(facts, ek.digest());
        failpoints.reached(Failpoint.AGENT_HOME_CLAIMED);
        reporter.report(
                facts.incarnation(),
                new IncarnationStatus(facts.incarnation())
                        .prepared(ek, new Sealed(claim, clock.instant(), Optional.empty())));
        failpoints.reached(Failpoint.AGENT_EK_REPORTED);
        ownership.require(facts);
        failpoints.reached(Failpoint.AGENT_OWNERSHIP_READ);
        states.keep(facts);
        records.update(vm, record -> record.resumed(facts.epoch()));
        failpoints.reached(Failpoint.AGENT_RESUME_RECORDED);
        hypervisor.resume(vm);
        failpoints.reached(Failpoint.AGENT_RESUMED);
    }

    /** The guest has run in this incarnation, so that only its ownership is checked again. */
    boolean resumeIfDisksHaveSpace(IncarnationFacts facts) {
        Path location = Path.of(facts.spec().machine().location().path());
        if (location.toFile().getUsableSpace() < ENOUGH_SPACE) {
            return false;
        }
        ownership.require(facts);
        hypervisor.resume(facts.vm());
        return true;
    }

    /** The domain of another TPM is removed; its files stay, for inspection. */
    private void requireOnRecord(IncarnationFacts facts, Ek found) {
        if (!ekCheck.isOnRecord(facts, found)) {
            hypervisor.destroy(facts.vm());
            throw ekCheck.mismatch(facts, found);
        }
        ekCheck.record(facts, found);
    }
}
