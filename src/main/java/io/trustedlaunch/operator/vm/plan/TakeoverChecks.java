package io.trustedlaunch.operator.vm.plan;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.DataDisk;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.TrustedLaunchVMSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** What a VM's spec must have in common with the retained VM that it takes over. */
final class TakeoverChecks {
    private static final List<BiFunction<TrustedLaunchVMSpec, RetainedVMRecord, Optional<String>>> RULES = List.of(
            TakeoverChecks::storageLocation,
            TakeoverChecks::image,
            TakeoverChecks::osDisk,
            TakeoverChecks::missingDataDisk,
            TakeoverChecks::furtherDataDisk,
            TakeoverChecks::smallerDataDisk);

    private TakeoverChecks() {}

    /** The field that does not fit, and what would. */
    static Optional<String> misfit(TrustedLaunchVMSpec spec, RetainedVMRecord record) {
        return RULES.stream().flatMap(rule -> rule.apply(spec, record).stream()).findFirst();
    }

    private static Optional<String> storageLocation(TrustedLaunchVMSpec spec, RetainedVMRecord record) {
        String asked = spec.storageLocationRef().name();
        return unless(
                asked.equals(record.storageLocation()),
                "spec.storageLocationRef names " + asked + ", and the retained VM's files are in "
                        + record.storageLocation() + ": create the VM with that one");
    }

    /** The OS disk is a copy of it, whatever the spec says. */
    private static Optional<String> image(TrustedLaunchVMSpec spec, RetainedVMRecord record) {
        String asked = spec.imageRef().name();
        return record.image() == null
                ? Optional.empty()
                : unless(
                        asked.equals(record.image().name()),
                        "spec.imageRef names " + asked + ", and the retained VM was created from "
                                + record.image().name() + ": create the VM with that one");
    }

    private static Optional<String> osDisk(TrustedLaunchVMSpec spec, RetainedVMRecord record) {
        return unless(
                fits(spec.osDisk().size(), record.osDisk().size()),
                "spec.osDisk.size is " + spec.osDisk().size() + ", and the retained VM's disk has "
                        + record.osDisk().size() + ": raise it to that at least");
    }

    private static Optional<String> missingDataDisk(TrustedLaunchVMSpec spec, RetainedVMRecord record) {
        Map<String, Quantity> asked = sizes(spec.dataDisks());
        return record.dataDisks().stream()
                .filter(disk -> !asked.containsKey(disk.name()))
                .findFirst()
                .map(disk -> "spec.dataDisks lacks " + disk.name() + " of " + disk.size()
                        + ", which the retained VM has: create the VM with it");
    }

    /** None is made for a VM that has had a life. */
    private static Optional<String> furtherDataDisk(TrustedLaunchVMSpec spec, RetainedVMRecord record) {
        Map<String, Quantity> had = sizes(record.dataDisks());
        return IncarnationBuilder.orEmpty(spec.dataDisks()).stream()
                .filter(disk -> !had.containsKey(disk.name()))
                .findFirst()
                .map(disk -> "spec.dataDisks has " + disk.name()
                        + ", which the retained VM does not have: create the VM without it");
    }

    private static Optional<String> smallerDataDisk(TrustedLaunchVMSpec spec, RetainedVMRecord record) {
        Map<String, Quantity> had = sizes(record.dataDisks());
        return IncarnationBuilder.orEmpty(spec.dataDisks()).stream()
                .filter(disk -> !fits(disk.size(), had.get(disk.name())))
                .findFirst()
                .map(disk -> "spec.dataDisks has " + disk.name() + " with " + disk.size()
                        + ", and the retained VM's has " + had.get(disk.name())
                        + ": create the VM with that size at least");
    }

    private static boolean fits(Quantity asked, Quantity there) {
        return IncarnationBuilder.bytes(asked) >= IncarnationBuilder.bytes(there);
    }

    private static Map<String, Quantity> sizes(List<DataDisk> disks) {
        return IncarnationBuilder.orEmpty(disks).stream()
                .collect(Collectors.toMap(DataDisk::name, DataDisk::size, (one, other) -> one));
    }

    private static Optional<String> unless(boolean fits, String misfit) {
        return fits ? Optional.empty() : Optional.of(misfit);
    }
}
