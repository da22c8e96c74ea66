package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.record.ArrivalRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.incarnation.state.WorkingCopies;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.nio.file.Path;
import java.util.Optional;

/** Prepares everything that a guest needs before it arrives from another host; its domain arrives with it. */
final class ArrivalPreparation {
    private final HostRequirements requirements;
    private final Secrets secrets;
    private final IncarnationDisks disks;
    private final ConsoleLogs consoleLogs;
    private final DiscChanger discs;
    private final WorkingCopies copies;
    private final EkCheck ekCheck;
    private final VmRecordStore records;
    private final Hypervisor hypervisor;
    private final FolderAccess folders;
    private final Failpoints failpoints;

    ArrivalPreparation(
            HostRequirements requirements,
            Secrets secrets,
            IncarnationDisks disks,
            ConsoleLogs consoleLogs,
            DiscChanger discs,
            WorkingCopies copies,
            EkCheck ekCheck,
            VmRecordStore records,
            Hypervisor hypervisor,
            FolderAccess folders,
            Failpoints failpoints) {
        this.requirements = requirements;
        this.secrets = secrets;
        this.disks = disks;
        this.consoleLogs = consoleLogs;
        this.discs = discs;
        this.copies = copies;
        this.ekCheck = ekCheck;
        this.records = records;
        this.hypervisor = hypervisor;
        this.folders = folders;
        this.failpoints = failpoints;
    }

    void prepare(IncarnationFacts facts) {
        EnvelopeContent content = secrets.open(facts);
        ekCheck.requireOneOnRecord(facts);
        requirements.require(facts.spec().machineNow());
        boolean copiesDisks = facts.spec().arrival().copiesDisks();
        if (copiesDisks) {
            disks.requireOwnFolder(facts);
        } else {
            disks.requireShared(facts);
        }
        discs.require(facts.spec().machineNow());
        recordArrival(facts, copiesDisks);
        failpoints.reached(Failpoint.TARGET_ARRIVAL_RECORDED);
        if (copiesDisks) {
            try (Permit permit = folders.toReceive(facts)) {
                disks.makeBlank(permit, facts);
            }
        }
        consoleLogs.ensure(facts.vm());
        try (TpmSecret secret = secrets.tpmSecret(content, facts.vm())) {
            hypervisor.ensureSecret(facts.vm(), secret);
        }
    }

    /** The working copy of an earlier guest was sealed before, or is no loss. */
    private void recordArrival(IncarnationFacts facts, boolean copiesDisks) {
        if (!records.require(facts.vm()).copyOwner().equals(Optional.of(facts.epoch()))) {
            copies.erase(facts.vm());
        }
        ArrivalRecord arrival = new ArrivalRecord(
                facts.spec().arrival().nodeName(),
                facts.spec().arrival().epoch(),
                false,
                copiesDisks
                        ? Optional.of(
                                Path.of(facts.spec().machineNow().location().path())
                                        .toString())
                        : Optional.empty());
        records.update(
                facts.vm(),
                record -> record.of(facts.epoch()).arrival().isPresent()
                        ? record
                        : record.withArrival(facts.epoch(), arrival).withCopyOf(facts.epoch()));
    }
}
