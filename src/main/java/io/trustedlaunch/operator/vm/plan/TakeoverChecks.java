package io.trustedlaunch.operator.vm.plan;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.RecordedDisk;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** The checks of a VM's spec against the retained VM that it takes over. */
final class TakeoverChecks {
    private static final List<BiFunction<TrustedLaunchVMSpec, RetainedVMRecord, Optional<String>>> RULES = List.of(
            TakeoverChecks::storageLocation,
            TakeoverChecks::image,
            TakeoverChecks::osDisk,
            TakeoverChecks::missingDataDisk,
            TakeoverChecks::smallerDataDisk);

    private TakeoverChecks() {}

    /** The field that does not match, and how to correct it. */
    static Optional<String> mismatch(TrustedLaunchVMSpec spec, RetainedVMRecord record) {
        return RULES.stream().flatMap(rule -> rule.apply(spec, record).stream()).findFirst();
    }

    /** Unless a restore makes the files anew. */
    private static Optional<String> storageLocation(TrustedLaunchVMSpec spec, RetainedVMRecord record) {
        String requested = spec.storageLocationRef().name();
        return unless(
                requested.equals(record.home().storageLocation()) || spec.approveRestore() != null,
                "spec.storageLocationRef names " + requested + ", but the retained VM's files are in "
                        + record.home().storageLocation()
                        + ": set it to that storage location, or restore the VM from a"
                        + " backup with spec.approveRestore");
    }

    /** The OS disk is a copy of the recorded image. */
    private static Optional<String> image(TrustedLaunchVMSpec spec, RetainedVMRecord record) {
        String requested = spec.imageRef().name();
        return record.image() == null
                ? Optional.empty()
                : unless(
                        requested.equals(record.image().name()),
                        "spec.imageRef names " + requested + ", but the retained VM was created from "
                                + record.image().name() + ": set it to that image");
    }

    private static Optional<String> osDisk(TrustedLaunchVMSpec spec, RetainedVMRecord record) {
        return unless(
                isAtLeast(spec.osDisk().size(), record.osDisk().size()),
                "spec.osDisk.size is " + spec.osDisk().size() + ", but the retained VM's OS disk has "
                        + record.osDisk().size() + ": set it to at least that size");
    }

    /** Whoever wants to remove one does so once the VM is taken over: here it is more likely to be forgotten. */
    private static Optional<String> missingDataDisk(TrustedLaunchVMSpec spec, RetainedVMRecord record) {
        Set<String> requested = spec.dataDisks().stream().map(DataDisk::name).collect(Collectors.toSet());
        return record.dataDisks().stream()
                .filter(disk -> !requested.contains(disk.name()))
                .findFirst()
                .map(disk -> "spec.dataDisks lacks " + disk.name() + " of " + disk.size()
                        + ", which the retained VM has: add it");
    }

    private static Optional<String> smallerDataDisk(TrustedLaunchVMSpec spec, RetainedVMRecord record) {
        Map<String, Quantity> had = sizes(record.dataDisks());
        return spec.dataDisks().stream()
                .filter(disk -> had.containsKey(disk.name()) && !isAtLeast(disk.size(), had.get(disk.name())))
                .findFirst()
                .map(disk -> "spec.dataDisks has " + disk.name() + " with " + disk.size()
                        + ", but the retained VM's has " + had.get(disk.name())
                        + ": set it to at least that size");
    }

    private static boolean isAtLeast(Quantity requested, Quantity existing) {
        return ByteSize.of(requested) >= ByteSize.of(existing);
    }

    private static Map<String, Quantity> sizes(List<RecordedDisk> disks) {
        return disks.stream().collect(Collectors.toMap(RecordedDisk::name, RecordedDisk::size, (one, other) -> one));
    }

    private static Optional<String> unless(boolean matches, String mismatch) {
        return matches ? Optional.empty() : Optional.of(mismatch);
    }
}
