package io.trustedlaunch.agent.restorerun;

import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.restore.RestoreRunSpec;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.DiskName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Checks that a backup is of the VM whose disks a new VM is to get copies of. */
final class CloneChecks {
    private CloneChecks() {}

    /** Whether the image is eligible the operator has found out by its own record, which must be true (I5). */
    static Optional<Problem> refusal(RestoreRunSpec wanted, BackupDescription description) {
        if (!wanted.copyOf().image().equals(description.image())) {
            return Optional.of(new Problem(
                    Reason.BackupDamaged,
                    "backup " + wanted.backup().uid() + " is of a VM that was created from image " + description.image()
                            + ", and " + wanted.copyOf().image() + " is on record"));
        }
        Map<String, Long> copied = description.disks().stream()
                .collect(Collectors.toMap(
                        disk -> ofFirstStart(disk.name()), BackupDescription.Disk::virtualBytes, Math::max));
        return addedLater(wanted, description)
                .or(() -> missing(wanted.dataDisks(), copied))
                .or(() -> sizes(wanted).entrySet().stream()
                        .flatMap(disk -> refusal(disk.getKey(), disk.getValue(), copied).stream())
                        .findFirst());
    }

    /** A new VM is created with them. */
    private static String ofFirstStart(String saved) {
        return DiskName.dataDisk(saved)
                .map(disk -> DiskName.ofData(DiskIdentity.ofFirstStart(disk.name())))
                .orElse(saved);
    }

    /** The header of an unfilled disk names it as the backup does, and a start expects it by the new VM's name. */
    private static Optional<Problem> addedLater(RestoreRunSpec wanted, BackupDescription description) {
        return description.disks().stream()
                .filter(disk ->
                        wanted.startsAtOnce() && !ofFirstStart(disk.name()).equals(disk.name()))
                .findFirst()
                .map(disk ->
                        mismatch("data disk " + disk.name() + " of the backup was added after the VM's first start, and"
                                + " a copy with such a disk does not start while its disks are filled: create it without"
                                + " spec.restoreFrom.startAtOnce"));
    }

    private static Map<String, Long> sizes(RestoreRunSpec wanted) {
        return Stream.concat(
                        Stream.of(Map.entry(DiskName.ROOT, ByteSize.of(wanted.osDiskSize()))),
                        wanted.dataDisks().stream().map(disk -> Map.entry(DiskName.ofData(disk.name()), disk.bytes())))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static Optional<Problem> missing(List<VMIncarnationSpec.Disk> wanted, Map<String, Long> copied) {
        return copied.entrySet().stream()
                .flatMap(disk -> DiskName.dataDisk(disk.getKey()).map(DiskIdentity::name).stream()
                        .filter(name ->
                                wanted.stream().noneMatch(found -> found.name().equals(name)))
                        .map(name -> mismatch("spec.dataDisks lacks " + name + " of " + disk.getValue()
                                + " bytes, which the backup has: add it")))
                .findFirst();
    }

    private static Optional<Problem> refusal(String disk, long bytes, Map<String, Long> copied) {
        String field = DiskName.dataDisk(disk)
                .map(DiskIdentity::name)
                .map(name -> "spec.dataDisks has " + name)
                .orElse("spec.osDisk.size is " + bytes + " bytes");
        if (!copied.containsKey(disk)) {
            return Optional.of(mismatch(field + ", which the backup does not have: remove it"));
        }
        return bytes >= copied.get(disk)
                ? Optional.empty()
                : Optional.of(mismatch(field + ", and the disk in the backup has " + copied.get(disk)
                        + " bytes: set it to at least that size"));
    }

    private static Problem mismatch(String message) {
        return new Problem(Reason.RestoreMismatch, message);
    }
}
