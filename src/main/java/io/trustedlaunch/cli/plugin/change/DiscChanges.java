package io.trustedlaunch.cli.plugin.change;

import io.trustedlaunch.api.vm.Disc;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.cli.CommandException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Changes of the discs in a VM's drives. */
public final class DiscChanges {
    private final SpecList<Disc> discs;

    public DiscChanges(TrustedLaunchVM vm) {
        discs = new SpecList<>(
                "/spec/discs", "drive", VmChange.reference(vm), vm.getSpec().discs(), Disc::name);
    }

    /**
     * Into a drive that the VM has, or into one that it gets with its next start.
     *
     * @throws CommandException if the disc is in that drive already, or the VM has as many drives as it may have
     */
    public VmChange insert(String name, String image) {
        if (discs.has(name)) {
            Disc drive = discs.require(name);
            if (drive.imageRef() != null && drive.imageRef().name().equals(image)) {
                throw new CommandException(
                        "drive " + name + " of " + discs.owner() + " has GuestImage " + image + " already");
            }
            return VmChange.whileRunning(
                    Operation.add(discs.pathOf(name) + "/imageRef", Map.of("name", image)),
                    "GuestImage " + image + " inserted into drive " + name);
        }
        if (discs.entries().size() == Disc.MAX) {
            throw new CommandException(discs.owner() + " has " + Disc.MAX + " drives already, "
                    + String.join(
                            " and ", discs.entries().stream().map(Disc::name).toList())
                    + ": insert the disc into one of these");
        }
        Map<String, Object> drive = new LinkedHashMap<>();
        drive.put("name", name);
        drive.put("imageRef", Map.of("name", image));
        return VmChange.waiting(discs.added(drive), "drive " + name + " with GuestImage " + image + " added");
    }

    /**
     * The drive stays, empty.
     *
     * @throws CommandException if there is no such drive, or it is empty
     */
    public VmChange eject(String name) {
        Disc drive = discs.require(name);
        if (drive.imageRef() == null) {
            throw new CommandException("drive " + name + " of " + discs.owner() + " is empty already");
        }
        return VmChange.whileRunning(
                Operation.remove(discs.pathOf(name) + "/imageRef"),
                "GuestImage " + drive.imageRef().name() + " ejected from drive " + name);
    }
}
