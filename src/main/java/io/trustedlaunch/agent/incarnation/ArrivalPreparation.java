package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord.Arrival;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.incarnation.state.WorkingCopies;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.nio.file.Path;

/** Everything that a guest from another host needs before it comes; its domain comes with it. */
final class ArrivalPreparation {
    private final HostRequirements requirements;
    private final Secrets secrets;
    private final IncarnationDisks disks;
    private final WorkingCopies copies;
    private final VmRecordStore records;
    private final Hypervisor hypervisor;
    private final Failpoints failpoints;

    ArrivalPreparation(
            HostRequirements requirements,
            Secrets secrets,
            IncarnationDisks disks,
            WorkingCopies copies,
            VmRecordStore records,
            Hypervisor hypervisor,
            Failpoints failpoints) {
        this.requirements = requirements;
        this.secrets = secrets;
        this.disks = disks;
        this.copies = copies;
        this.records = records;
        this.hypervisor = hypervisor;
        this.failpoints = failpoints;
    }

    void prepare(IncarnationFacts facts) {
        EnvelopeContent content = secrets.open(facts);
        requirements.require(facts.spec().machine());
        boolean copiesDisks = facts.spec().arrival().copiesDisks();
        if (copiesDisks) {
            disks.requireOwnFolder(facts);
        } else {
            disks.requireShared(facts);
        }
        recordArrival(facts, copiesDisks);
        failpoints.reached(Failpoint.TARGET_ARRIVAL_REMEMBERED);
        if (copiesDisks) {
            disks.makeBlank(facts);
        }
        try (TpmSecret secret = secrets.tpmSecret(content, facts.vm())) {
            hypervisor.ensureSecret(facts.vm(), secret);
        }
    }

    /** The working copy of an earlier guest was sealed before, or is no loss. */
    private void recordArrival(IncarnationFacts facts, boolean copiesDisks) {
        if (records.known(facts.vm()).state().copyEpoch() != facts.epoch()) {
            copies.erase(facts.vm());
        }
        Arrival guest = new Arrival(
                facts.epoch(),
                facts.spec().arrival().nodeName(),
                false,
                copiesDisks ? Path.of(facts.spec().machine().location().path()).toString() : null);
        records.change(
                facts.vm(),
                record -> record.awaited().isPresent()
                        ? record
                        : record.withState(record.state().withCopyOf(facts.epoch()))
                                .withMove(record.move().expecting(guest)));
    }
}
