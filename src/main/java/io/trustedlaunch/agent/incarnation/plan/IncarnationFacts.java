package io.trustedlaunch.agent.incarnation.plan;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.disks.DiskTransferMark;
import io.trustedlaunch.agent.folder.FolderRequest;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.hypervisor.VtpmState;
import io.trustedlaunch.agent.incarnation.record.ArrivalRecord;
import io.trustedlaunch.agent.incarnation.record.IncarnationRecord;
import io.trustedlaunch.agent.incarnation.record.RecordLookup;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.report.IncarnationStatus;
import io.trustedlaunch.agent.migration.Convergence;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.EpochProgress;
import io.trustedlaunch.api.incarnation.EpochProgress.End;
import io.trustedlaunch.api.incarnation.EpochProgress.Reached;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.AppliedDevices;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Everything that the next step is planned from.
 *
 * @param highestEpoch of all incarnations of this VM that the API server has for this node
 * @param domain this VM's domain on this host, of any epoch
 * @param home listed only while no domain is here
 * @param copyMark of an unfinished copy of disks in the VM's folder; looked for only while no domain is here
 * @param lastStop why the hypervisor says that the last domain stopped
 * @param course what this process knows of the recorded migration
 * @param underway the hypervisor's migration of the domain, outgoing or incoming
 * @param convergence whether the guest's memory is copied faster than it changes
 * @param now by the host's clock
 * @param steady now, by a clock that is never set; what this process has found since then is by it, too
 * @param goneSince when this process first found the domain of this incarnation gone; empty: it has not
 * @param receivedSince when this process first found the whole guest of a migration here and paused; empty: it is not
 * @param sinceAsked for how long its guest is on record as asked to shut down; empty: it is not
 * @param bootID of the host, now
 * @param isFilling whether a disk of the VM is not whole yet; known only while a migration is requested
 * @param shutdownSince when a shutdown of the host was requested; empty: it was not
 */
@RecordBuilder
public record IncarnationFacts(
        VMIncarnation incarnation,
        UUID vm,
        long highestEpoch,
        RecordLookup record,
        Optional<DomainInfo> domain,
        WorkingCopyState workingCopy,
        HomeListing home,
        Optional<DiskTransferMark> diskTransferMark,
        StopReason lastStop,
        Optional<Instant> goneSince,
        Optional<Instant> receivedSince,
        Optional<Duration> sinceAsked,
        Optional<Instant> shutdownSince,
        boolean isFilling,
        String bootID,
        Migrations.Course course,
        Optional<MigrationProgress> underway,
        Convergence.Verdict convergence,
        Instant now,
        Instant steady) {

    public VMIncarnationSpec spec() {
        return incarnation.getSpec();
    }

    public long epoch() {
        return spec().epoch();
    }

    /** The DiskFill without which the VM's disks may not be whole. */
    public Optional<UUID> diskFill() {
        return Optional.ofNullable(spec().diskFill()).map(UUID::fromString);
    }

    /** Its data disks. */
    public List<DiskIdentity> dataDisks() {
        return spec().machineNow().dataDisks().stream().map(Disk::identity).toList();
    }

    /** The guest was not yet reported to have the present devices of the spec. */
    public boolean devicesAreDue() {
        return spec().devices() != null
                && !reported()
                        .map(VMIncarnationStatus::devices)
                        .map(AppliedDevices::revision)
                        .equals(Optional.of(spec().devices().revision()));
    }

    /** The VM's folder in its storage location, with its disks and its guest state. */
    public VmFolder homeFolder() {
        return new VmFolder(Path.of(spec().machineNow().location().path()), vm);
    }

    /**
     * The request to the gate before that folder. Its fences are those that the incarnation names, or named when this agent saw
     * it first.
     */
    public FolderRequest folderRequest() {
        Set<String> fences = new TreeSet<>(own().fences());
        fences.addAll(spec().afterFences());
        return new FolderRequest(spec().vmRef(), epoch(), homeFolder(), spec().firstStart(), fences);
    }

    /** It was made for an earlier boot of the host, which may have been proved dead: another node may have the VM. */
    boolean isForAnotherBoot() {
        return spec().bootID() != null && !spec().bootID().equals(bootID);
    }

    /** The statuses that can be reported next. */
    IncarnationStatus statuses() {
        return new IncarnationStatus(incarnation);
    }

    /** The status that was reported last. */
    public Optional<VMIncarnationStatus> reported() {
        return incarnation.status();
    }

    /** The last state of its guest, if all of it is at home; empty: that was not reported. */
    public Optional<GuestStateVersion> reportedLastState() {
        return reported()
                .map(VMIncarnationStatus::guestState)
                .filter(SealedState::complete)
                .map(SealedState::version);
    }

    /** The newest that was reported of its guest. */
    public Optional<GuestStateVersion> reportedState() {
        return reported().map(VMIncarnationStatus::guestState).map(SealedState::version);
    }

    public Optional<Exit> reportedExit() {
        return reported()
                .filter(status -> EpochProgress.reported(incarnation).isOver())
                .map(status -> Optional.ofNullable(status.exit()).orElse(Exit.Crashed));
    }

    /** It may be shutting down since. */
    public boolean reportedRunning() {
        return reported()
                .map(VMIncarnationStatus::phase)
                .filter(phase -> phase == Phase.Running || phase == Phase.Stopping)
                .isPresent();
    }

    public boolean shouldRun() {
        return spec().desiredState() == DesiredState.Running && shutdownSince.isEmpty();
    }

    /** The operator wants it to run; a shutdown of its host ends it. */
    boolean stopsForHostShutdown() {
        return spec().desiredState() == DesiredState.Running && shutdownSince.isPresent();
    }

    /** The exit of a guest that is to stop, and whose power is cut for that. */
    public Exit poweredOff() {
        return stopsForHostShutdown() ? Exit.HostShutdown : Exit.PoweredOff;
    }

    /** It was asked to shut down, although it is to run: only a shutdown of its host does so. */
    boolean wasStoppedForHostShutdown() {
        return spec().desiredState() == DesiredState.Running
                && own().shutdownRequested().isPresent();
    }

    /** The source agent, or the operator on its behalf, has reported that the guest has left. */
    public boolean guestHasLeftSource() {
        return own().arrival().filter(ArrivalRecord::left).isPresent()
                || (spec().arrival() != null && spec().arrival().left());
    }

    /** The whole guest of a migration is here and paused: nothing of it is on its way any more. */
    public boolean isReceived() {
        DomainState arrived = new DomainState.Paused(DomainState.PauseReason.REQUESTED);
        return domain.filter(there -> there.epoch() == epoch() && there.state().equals(arrived))
                        .isPresent()
                && underway.isEmpty();
    }

    /** The last state of its guest is in the working copy, and was not sealed. */
    public boolean hasUnsealedCopy() {
        return workingCopy == WorkingCopyState.WHOLE
                && record.found().flatMap(VmRecord::unsealedCopy).equals(Optional.of(epoch()));
    }

    /** An object or a domain of a later incarnation is here. */
    boolean laterIncarnationHere() {
        return epoch() < highestEpoch
                || domain.map(there -> epoch() < there.epoch()).orElse(false);
    }

    /** A later incarnation is here, as in {@link #laterIncarnationHere}, or was here once, or this one was erased. */
    boolean superseded() {
        return laterIncarnationHere()
                || record.found().filter(known -> !known.mayRun(epoch())).isPresent();
    }

    boolean isErased() {
        return record.found().filter(known -> known.isErased(epoch())).isPresent();
    }

    /** How far an incarnation came, as this node's record has it. */
    private EpochProgress recorded(long epoch) {
        return record.found().map(known -> known.progress(epoch)).orElse(EpochProgress.NOTHING);
    }

    /** How far this one came by its status, and by what is here: without a record, that may be its own. */
    public EpochProgress shown() {
        boolean mayBeHere = domain.map(there -> there.epoch() == epoch())
                .orElse(record instanceof RecordLookup.Damaged || workingCopy != WorkingCopyState.NONE);
        boolean isForgotten = record.found().isEmpty() && mayBeHere;
        Reached here = runs() ? Reached.RESUMED : isForgotten ? Reached.CLAIMED : Reached.SEEN;
        return EpochProgress.reported(incarnation).and(new EpochProgress(here, End.OPEN));
    }

    boolean runs() {
        return domain.filter(there -> there.epoch() == epoch() && there.state() instanceof DomainState.Running)
                .isPresent();
    }

    /** How far it came by the home, which has a claim before the guest runs. What is not seen may be there, but for a first start. */
    private EpochProgress atHome() {
        boolean claimed = home.isSeen() ? home.isClaimedBy(epoch()) : !spec().firstStart();
        return claimed ? new EpochProgress(Reached.CLAIMED, End.OPEN) : EpochProgress.NOTHING;
    }

    /** How far it came by what this agent can see and its record may lack; without a record, its home counts, too. */
    public EpochProgress seen() {
        return record.found().isPresent() ? shown() : shown().and(atHome());
    }

    /** The record is of before this incarnation, it is lost, or the host's disk was set back. */
    boolean isRecordBehind() {
        return recorded(epoch()).isBehind(shown());
    }

    /**
     * The epoch whose guest has the last state that is not home; empty: there is none, or a later incarnation has started from
     * home since.
     */
    Optional<Long> lost(VmRecord record) {
        return record.unsealed()
                .filter(epoch ->
                        home.newest().filter(newest -> newest.epoch() > epoch).isEmpty());
    }

    /** The newest state that this node sealed or the operator has on record. Names of files prove nothing. */
    public Optional<GuestStateVersion> newestKnown() {
        return Stream.of(
                        Optional.ofNullable(spec().guestStateFloor()),
                        record.found().flatMap(VmRecord::newest))
                .flatMap(Optional::stream)
                .max(Comparator.naturalOrder());
    }

    /** Unknown without a guest that runs or is paused: at the end, a guest's TPM ends shortly before its domain. */
    public VtpmState vtpm() {
        return domain.filter(there -> switch (there.state()) {
                    case DomainState.Running running -> true;
                    case DomainState.Paused paused -> true;
                    case DomainState.ShuttingDown shuttingDown -> false;
                    case DomainState.ShutOff off -> false;
                    case DomainState.Crashed crashed -> false;
                })
                .map(DomainInfo::vtpm)
                .orElseGet(VtpmState.Unknown::new);
    }

    /** This node's record of the incarnation. */
    public IncarnationRecord own() {
        return record.found().map(known -> known.of(epoch())).orElse(IncarnationRecord.SEEN);
    }

    boolean mayHaveRun(long epoch) {
        EpochProgress recorded = recorded(epoch);
        boolean isSetBack = epoch == epoch() && recorded.isBehind(EpochProgress.reported(incarnation));
        return recorded.hasRun()
                || (isSetBack && EpochProgress.reported(incarnation).assumed().hasRun());
    }

    /** The VM has had a TPM, as this node has reported: that of this incarnation, or a state of it at home. */
    boolean reportedTpm() {
        return EpochProgress.reported(incarnation).isAtLeast(Reached.CLAIMED)
                || reported().map(VMIncarnationStatus::guestState).isPresent();
    }

    public boolean wasResumed() {
        return own().resumed();
    }
}
