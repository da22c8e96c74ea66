package io.trustedlaunch.agent.incarnation.plan;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.incarnation.record.RecordLookup;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.report.IncarnationStatus;
import io.trustedlaunch.agent.migration.Convergence;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * All that a step is decided by.
 *
 * @param highestEpoch of all incarnations of this VM that the API server has for this node
 * @param domain this VM's domain on the host, of whatever epoch
 * @param tpm the working copy
 * @param home looked at only while no domain is here
 * @param lastStop what the hypervisor says of the domain that is gone
 * @param course what this process knows of the move that is on record
 * @param underway what the hypervisor moves of the domain, in or out
 * @param convergence whether the guest's memory gets to the other host faster than it changes
 * @param goneSince when this process first found the domain of this life gone; empty while it has not
 * @param shutdownSince when a shutdown of the host was asked for; empty: it was not
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
        StopReason lastStop,
        Optional<Instant> goneSince,
        Optional<Instant> shutdownSince,
        Migrations.Course course,
        Optional<MigrationProgress> underway,
        Convergence.Verdict convergence,
        Instant now) {

    public VMIncarnationSpec spec() {
        return incarnation.getSpec();
    }

    public long epoch() {
        return spec().epoch();
    }

    /** The VM's folder in its storage location: its disks lie there, and its guest state. */
    public VmFolder homeFolder() {
        return new VmFolder(Path.of(spec().machine().location().path()), vm);
    }

    /** The statuses that can be reported next. */
    IncarnationStatus statuses() {
        return new IncarnationStatus(incarnation);
    }

    /** What was told last; empty if nothing was. */
    public Optional<VMIncarnationStatus> reported() {
        return Optional.ofNullable(incarnation.getStatus());
    }

    public boolean reportedRunning() {
        return reported()
                .map(status -> status.phase() == VMIncarnationStatus.Phase.Running)
                .orElse(false);
    }

    boolean shouldRun() {
        return spec().desiredState() == DesiredState.Running && shutdownSince.isEmpty();
    }

    /** For all that its operator says, it is to run: what ends it is a shutdown of its host. */
    boolean stopsForHostShutdown() {
        return spec().desiredState() == DesiredState.Running && shutdownSince.isPresent();
    }

    /** It was asked to shut down for its host's sake, as nobody else asks a guest that is to run; perhaps in vain. */
    boolean wasStoppedForHostShutdown() {
        return spec().desiredState() == DesiredState.Running
                && record.found().flatMap(known -> known.deadlineOf(epoch())).isPresent();
    }

    /** The guest has left where it comes from, as far as anybody has said so. */
    boolean guestHasLeftSource() {
        boolean heard = record.found()
                .map(known -> known.migration().arrival())
                .filter(arrival -> arrival.epoch() == epoch() && arrival.left())
                .isPresent();
        return heard || (spec().arrival() != null && spec().arrival().left());
    }

    /** An incarnation or a domain of a later life is here. */
    boolean laterIncarnationHere() {
        return epoch() < highestEpoch
                || domain.map(there -> epoch() < there.epoch()).orElse(false);
    }

    /** As {@link #laterLifeHere}, or one was. */
    boolean superseded() {
        return laterIncarnationHere()
                || record.found().map(known -> epoch() < known.highestEpoch()).orElse(false);
    }

    /** Nothing speaks against this life's being new to this node, and not begun anywhere. */
    boolean looksNew() {
        return record instanceof RecordLookup.Missing
                && workingCopy == WorkingCopyState.NONE
                && domain.isEmpty()
                && (home.isSeen() ? !home.isClaimedBy(epoch()) : spec().firstStart());
    }

    /** A guest ran here whose last state is not home; where a later life has begun from home since, it is not missed. */
    boolean lacksLastState(VmRecord record) {
        return record.lacksLastState()
                && home.newest()
                        .filter(newest -> newest.epoch() > record.resumedEpoch())
                        .isEmpty();
    }

    /** The newest state that this node has sealed or was told of; what the home's names say is nobody's word. */
    public Optional<GuestStateVersion> newestKnown() {
        return Stream.of(
                        Optional.ofNullable(spec().guestStateFloor()),
                        record.found().map(known -> known.state().newest()))
                .flatMap(Optional::stream)
                .max(Comparator.naturalOrder());
    }

    public boolean wasResumed(long epoch) {
        return record.found().map(known -> known.resumedEpoch() == epoch).orElse(false);
    }
}
