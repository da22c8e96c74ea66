package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmIncarnations;
import io.trustedlaunch.operator.vm.facts.VmOffers;
import io.trustedlaunch.operator.vm.plan.MachineBuilder.ImageOfVm;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** How the machine that a VM's spec describes now differs from that of an incarnation. */
final class SpecChange {
    private final VmIncarnations incarnations;
    private final VmOffers offers;
    private final Machine before;
    private final long epoch;
    private final MachineBuilder machines;

    SpecChange(VmFacts facts, Incarnation incarnation) {
        this.incarnations = facts.incarnations();
        this.offers = facts.offers();
        this.before = incarnation.machine();
        this.epoch = incarnation.epoch();
        this.machines = new MachineBuilder(facts);
    }

    /** A location or an image that does not exist is another one, too. */
    boolean exists() {
        return namesOthers()
                || (locationExists()
                        && !machines.machine(image(), epoch, before).equals(before));
    }

    private boolean namesOthers() {
        return !location().equals(before.location().name())
                || (incarnations.isFirstStart()
                        && !offers.image().name().equals(before.image().name()));
    }

    /** A first start takes the present image, for example after a correction; a later start already has its disk. */
    private ImageOfVm image() {
        ImageOfVm own = ImageOfVm.of(before);
        return incarnations.isFirstStart() ? machines.currentImage().orElse(own) : own;
    }

    /** Whether another first start can go on with the disks that this one, which never ran, may have made. */
    boolean keepsDisks() {
        return locationExists()
                && machines.currentImage()
                        .map(image -> machines.machine(image, epoch, before))
                        .filter(now -> now.location().equals(before.location())
                                && now.image().equals(before.image())
                                && now.osDiskSource() == before.osDiskSource()
                                && now.osDiskBytes() >= before.osDiskBytes()
                                && onlyGrow(before.dataDisks(), now.dataDisks()))
                        .isPresent();
    }

    /** The same disks, each as large as before or larger. */
    private static boolean onlyGrow(List<Disk> before, List<Disk> now) {
        Map<String, Long> sizes = now.stream().collect(Collectors.toMap(Disk::name, Disk::bytes));
        return before.size() == sizes.size()
                && before.stream().allMatch(disk -> sizes.getOrDefault(disk.name(), 0L) >= disk.bytes());
    }

    private boolean locationExists() {
        return offers.locations().containsKey(location());
    }

    private String location() {
        return incarnations.vm().location();
    }
}
