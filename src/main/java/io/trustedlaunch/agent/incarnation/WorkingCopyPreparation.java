package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.StartSource;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.agent.incarnation.state.WorkingCopies;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.gueststate.GuestState;
import java.util.Optional;
import java.util.UUID;

/** Makes the working copy of a new domain. Its epoch is recorded before it is written. */
final class WorkingCopyPreparation {
    private final WorkingCopies copies;
    private final GuestStates states;
    private final EkCheck ek;
    private final VmRecordStore records;
    private final Failpoints failpoints;

    WorkingCopyPreparation(
            WorkingCopies copies, GuestStates states, EkCheck ek, VmRecordStore records, Failpoints failpoints) {
        this.copies = copies;
        this.states = states;
        this.ek = ek;
        this.records = records;
        this.failpoints = failpoints;
    }

    /** Opens the state that the guest starts from; empty: it has none yet. */
    Optional<GuestState> open(IncarnationFacts facts, StartSource source) {
        if (!(source instanceof StartSource.FromHome(GuestStateVersion version))) {
            return Optional.empty();
        }
        GuestState state = states.openToStartFrom(facts, version);
        ek.requireOnRecord(facts, version, state.ekDigest());
        return Optional.of(state);
    }

    /** @param from as {@link #open} has returned it */
    void make(
            IncarnationFacts facts, StartSource source, Optional<GuestState> from, DomainSpec spec, TpmSecret secret) {
        switch (source) {
            case StartSource.NewTpm newTpm -> {
                recordEpoch(facts);
                copies.make(spec, facts.vm(), secret);
                failpoints.reached(Failpoint.AGENT_TPM_MADE);
            }
            case StartSource.TpmMadeHere madeHere -> recordEpoch(facts);
            case StartSource.FromHome fromHome -> bringFromHome(facts, from.orElseThrow());
        }
    }

    private void bringFromHome(IncarnationFacts facts, GuestState state) {
        UUID vm = facts.vm();
        copies.erase(vm);
        records.update(vm, record -> record.withCopyOf(facts.epoch(), state.version()));
        copies.place(vm, state);
        failpoints.reached(Failpoint.AGENT_COPY_WRITTEN);
    }

    private void recordEpoch(IncarnationFacts facts) {
        records.update(facts.vm(), record -> record.withCopyOf(facts.epoch()));
    }
}
