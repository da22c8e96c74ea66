package io.trustedlaunch.agent.backuprun;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.backuprun.instant.DiskInstant.Taken;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecord;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecords;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.FreezeOutcome;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.backup.BackupBase;
import io.trustedlaunch.backup.BackupContent;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupDescriptionBuilder;
import io.trustedlaunch.backup.BackupFile;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.backup.SealedDescription;
import io.trustedlaunch.backup.pack.PackFile;
import io.trustedlaunch.custody.BackupDescriptionKey;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Adds to the saved disks what makes them a backup.
 *
 * @param spec of the run
 * @param incarnation of the guest
 * @param base since which the disks were read
 * @param taken the instant that all is of
 */
@RecordBuilder
record BackupCommit(
        Tools tools,
        BackupRunRecord record,
        BackupStore store,
        BackupRunSpec spec,
        VMIncarnationSpec incarnation,
        BackupBase base,
        List<BackupRunDisk> disks,
        Taken taken,
        DiskCopy.Saved saved) {

    record Tools(VmRecordStore vms, BackupRunRecords records, Failpoints failpoints, SecureRandom random) {}

    /** The result is on record before there is a backup, so that a later process knows which one it is. */
    void commit(BackupDescriptionKey key) throws IOException {
        BackupIndex index = write(key);
        tools.failpoints().reached(Failpoint.BACKUP_UPLOADED);
        byte[] encoded = index.encoded();
        BackupResult result = result(index, encoded.length);
        tools.records().update(record.run(), known -> known.withResult(result));
        tools.failpoints().reached(Failpoint.BACKUP_RESULT_RECORDED);
        store.commit(record.id(), encoded);
        tools.failpoints().reached(Failpoint.BACKUP_COMMITTED);
    }

    private BackupIndex write(BackupDescriptionKey key) throws IOException {
        List<BackupFile> files = new ArrayList<>();
        files.add(write(BackupFileName.GUEST_STATE, taken.guestState().content()));
        if (incarnation.escrow() != null) {
            files.add(write(BackupFileName.RECOVERY_ESCROW, Base64.getDecoder().decode(incarnation.escrow())));
        }
        if (spec.escrow() != null) {
            // In no index: it can be replaced.
            store(BackupFileName.CLUSTER_ESCROW, Base64.getDecoder().decode(spec.escrow()));
        }
        BackupContent content = new BackupContent(record.run(), record.vm(), key.keyId(), files, packs());
        byte[] description = SealedDescription.seal(description(content), key, tools.random());
        return content.index(write(BackupFileName.DESCRIPTION, description));
    }

    private BackupFile write(String name, byte[] content) throws IOException {
        store(name, content);
        return new BackupFile(name, content.length, Sha256.of(content));
    }

    private void store(String name, byte[] content) throws IOException {
        store.write(record.id(), name, new ByteArrayInputStream(content), content.length);
    }

    private List<BackupIndex.Packs> packs() {
        Map<UUID, List<BackupFile>> folders = new TreeMap<>();
        Stream.concat(saved.packs().written().stream(), saved.packs().needed().stream())
                .sorted(Comparator.comparing(PackFile::pack))
                .forEach(pack -> folders.computeIfAbsent(pack.pack().backup(), none -> new ArrayList<>())
                        .add(new BackupFile(pack.pack().file(), pack.bytes(), pack.sha256())));
        return folders.entrySet().stream()
                .map(folder -> new BackupIndex.Packs(folder.getKey(), folder.getValue()))
                .toList();
    }

    private BackupDescription description(BackupContent content) {
        return BackupDescriptionBuilder.builder()
                .contentSHA256(content.sha256())
                .vm(record.vm())
                .namespace(spec.vmRef().namespace())
                .name(spec.vmRef().name())
                .image(spec.image())
                .epoch(record.epoch())
                .guestState(taken.guestState().version())
                .ekDigest(ekDigest())
                .disks(disks.stream()
                        .map(disk -> new BackupDescription.Disk(
                                disk.name(), disk.virtualBytes(), saved.maps().get(disk.name())))
                        .toList())
                .quiesced(isQuiesced())
                .time(taken.time().toString())
                .build();
    }

    private boolean isQuiesced() {
        return taken.freeze().filter(FreezeOutcome.FROZEN::equals).isPresent();
    }

    private static Reason reason(FreezeOutcome outcome) {
        return switch (outcome) {
            case FROZEN -> Reason.Quiesced;
            case NO_AGENT -> Reason.NoGuestAgent;
            case TIMED_OUT -> Reason.FreezeTimedOut;
            case FAILED -> Reason.FreezeFailed;
        };
    }

    private String ekDigest() {
        return tools.vms()
                .lookUp(record.vm())
                .found()
                .flatMap(VmRecord::ekDigest)
                .or(() -> Optional.ofNullable(incarnation.ekDigest()))
                .orElseThrow(() -> new RefusedException(
                        Reason.GuestNotHere, "the VM's endorsement key is not known on this node"));
    }

    private BackupResult result(BackupIndex index, long indexBytes) {
        long stored = indexBytes
                + index.files().stream().mapToLong(BackupFile::bytes).sum()
                + saved.packs().written().stream().mapToLong(PackFile::bytes).sum();
        BackupResultBuilder result = BackupResultBuilder.builder()
                .indexSHA256(index.ref().indexSHA256())
                .guestState(taken.guestState().version())
                .dataDisks(DiskName.dataDisks(disks.stream().map(BackupRunDisk::name)))
                .time(taken.time().toString())
                .changed(ByteSize.quantity(saved.packs().readBytes()))
                .stored(ByteSize.quantity(stored))
                .pauseMilliseconds(taken.pause().toMillis());
        taken.freeze()
                .ifPresent(outcome -> result.quiesced(isQuiesced())
                        .notQuiescedReason(isQuiesced() ? null : reason(outcome).name()));
        switch (base) {
            case BackupBase.Incremental incremental ->
                result.type(BackupResult.Type.Incremental)
                        .baseUID(incremental.since().toString());
            case BackupBase.Full full ->
                result.type(BackupResult.Type.Full).fullReason(full.reason().name());
        }
        return result.build();
    }
}
