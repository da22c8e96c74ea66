package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.backup.DiskOpener;
import io.trustedlaunch.agent.backup.OpenDisk;
import io.trustedlaunch.agent.backuprun.instant.DiskInstant.Taken;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecord;
import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.gueststate.SealedFile;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.backup.BackupBase;
import io.trustedlaunch.backup.BackupBase.Full;
import io.trustedlaunch.backup.BackupBase.FullReason;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A VM that is off. Nothing holds up its start: a writer of its files first puts that on record, an epoch or a restore. So it is
 * read without a lock, and what was read counts only if the record is the same afterwards.
 */
final class StoppedSource implements BackupSource {
    record Tools(GuestReader guests, StoppedVms vms, RunFiles files, DiskOpener disks, InstantSource clock) {}

    private final Tools tools;
    private final BackupRun run;
    private final BackupRunRecord record;
    private final VmFolder folder;

    /** The restore on record before anything was read. */
    private Optional<Restore> restored = Optional.empty();

    private int opened;

    StoppedSource(Tools tools, BackupRun run, BackupRunRecord record, VmFolder folder) {
        this.tools = tools;
        this.run = run;
        this.record = record;
        this.folder = folder;
    }

    @Override
    public VMIncarnation require() throws IOException {
        RefusedException.throwIfPresent(reasonToEnd());
        restored = onRecord();
        requireGuestState();
        return incarnation().orElseThrow();
    }

    @Override
    public BackupKeys keys() {
        return tools.vms()
                .keys()
                .open(
                        Base64.getDecoder().decode(spec().keys()),
                        new RestoreEnvelope.Address(run.getMetadata().getName(), record.vm(), spec().nodeName()))
                .keys();
    }

    /** Checks the facts that are known here. A start elsewhere ends the run, too: the operator deletes it. */
    @Override
    public Optional<Problem> reasonToEnd() {
        boolean isOver = incarnation()
                .map(VMIncarnation::getSpec)
                .filter(last -> last.epoch() == record.epoch())
                .filter(last -> last.desiredState() != VMIncarnationSpec.DesiredState.Erased)
                .isPresent();
        boolean isHere = tools.guests().hypervisor().find(record.vm()).isPresent()
                || tools.guests().keeper().keeps(record.vm(), record.epoch());
        return isOver && !isHere ? Optional.empty() : Optional.of(notOff("it is started, or removed, on this node"));
    }

    @Override
    public BackupBase base(List<BackupRunDisk> disks, UsableBackups usable) {
        if (spec().mode() == BackupMode.Full) {
            return new Full(FullReason.Requested);
        }
        return new Full(spec().completed().isEmpty() ? FullReason.FirstBackup : FullReason.VMStopped);
    }

    @Override
    public void prepare() throws IOException {
        tools.files().makeSockets();
    }

    @Override
    public Taken take(List<BackupRunDisk> disks, BackupBase base, Supplier<Optional<Problem>> problem)
            throws IOException {
        RefusedException.throwIfPresent(problem.get());
        return new Taken(
                new SealedFile(spec().guestState(), home().read(spec().guestState())),
                tools.clock().instant().truncatedTo(ChronoUnit.MILLIS),
                Duration.ZERO,
                Optional.empty());
    }

    @Override
    public OpenDisk open(BackupRunDisk disk, BackupBase base) throws IOException {
        Path socket = tools.files().socket(record.vm(), opened++);
        return tools.disks().stopped(disk.path(), disk.exportAt(socket));
    }

    @Override
    public Optional<Problem> copyProblem() {
        return Optional.empty();
    }

    /** Compares with the record that the API server has after the last byte was read. */
    @Override
    public void copied(List<BackupRunDisk> disks) throws IOException {
        RefusedException.throwIfPresent(reasonToEnd());
        if (!restored.equals(onRecord())) {
            throw refused("it was put back to a backup");
        }
        requireGuestState();
    }

    @Override
    public void release() {
        // The copy ends by itself.
    }

    /** The last restore, of a VM that is still this incarnation's. */
    private Optional<Restore> onRecord() {
        VMIncarnationSpec.VmRef ref =
                incarnation().map(last -> last.getSpec().vmRef()).orElseThrow(() -> refused("it is unknown here"));
        Ownership.Found vm = switch (tools.vms().owners().read(ref)) {
            case Ownership.Unread(String message) ->
                throw new RefusedException(
                        Reason.OwnershipUnread,
                        "the VM cannot be read from the API server: " + message
                                + "; check the connection of this node to the API server");
            case Ownership.Absent absent -> throw refused("its TrustedLaunchVM does not exist");
            case Ownership.Found found -> found;
        };
        RefusedException.throwIfPresent(
                vm.otherThan(ref, spec().epoch(), spec().nodeName()).map(StoppedSource::notOff));
        if (vm.restore().filter(restore -> restore.outcome() == null).isPresent()) {
            throw refused("it is being put back to a backup");
        }
        if (!tools.vms().dataIsCurrent().getAsBoolean()) {
            throw new RefusedException(
                    Reason.OwnershipUnread,
                    "this node does not know whether the API server's data is current; check that the operator runs");
        }
        return vm.restore();
    }

    /** A later one shows that the record is older than the files. */
    private void requireGuestState() throws IOException {
        Optional<GuestStateVersion> newest = home().versions().stream().max(Comparator.naturalOrder());
        if (!newest.equals(Optional.of(spec().guestState()))) {
            throw new RefusedException(
                    Reason.GuestStateMissing,
                    "the newest guest state in the VM's home " + folder.path() + " is "
                            + newest.map(GuestStateVersion::toString).orElse("none") + ", and " + spec().guestState()
                            + " is on record; start and stop the VM");
        }
    }

    private Home home() {
        return new Home(new DiskHomeFiles(folder.path()), spec().nodeName(), UUID::randomUUID, Failpoints.none());
    }

    private RefusedException refused(String why) {
        Problem problem = notOff(why);
        return new RefusedException(problem);
    }

    private static Problem notOff(String why) {
        return new Problem(Reason.BackupGaveWay, "the VM, which was off, is not any more: " + why);
    }

    private Optional<VMIncarnation> incarnation() {
        return tools.guests().latest().apply(record.vm());
    }

    private BackupRunSpec spec() {
        return run.getSpec();
    }
}
