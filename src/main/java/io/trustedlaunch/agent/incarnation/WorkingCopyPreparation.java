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

    void make(IncarnationFacts facts, StartSource source, DomainSpec spec, TpmSecret secret) {
        switch (source) {
            case StartSource.NewTpm newTpm -> {
                recordEpoch(facts);
                copies.make(spec, facts.vm(), secret);
                failpoints.reached(Failpoint.AGENT_TPM_MADE);
            }
            case StartSource.TpmMadeHere madeHere -> recordEpoch(facts);
            case StartSource.FromHome(GuestStateVersion version) -> bringFromHome(facts, version);
        }
    }

    private void bringFromHome(IncarnationFacts facts, GuestStateVersion version) {
        UUID vm = facts.vm();
        GuestState state = states.openToStartFrom(facts, version);
        ek.requireOnRecord(facts, version, state.ekDigest());
        copies.erase(vm);
        records.update(vm, record -> record.withCopyOf(facts.epoch(), version));
        copies.place(vm, state);
        failpoints.reached(Failpoint.AGENT_COPY_WRITTEN);
    }

    private void recordEpoch(IncarnationFacts facts) {
        records.update(facts.vm(), record -> record.withCopyOf(facts.epoch()));
    }
}
