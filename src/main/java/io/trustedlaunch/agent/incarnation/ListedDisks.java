package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.gueststate.GuestState;
import io.trustedlaunch.gueststate.GuestStateName;
import java.util.stream.Stream;

/**
 * Compares a machine with the list of data disks in the guest state that it starts from. The two are written by different processes:
 * where they disagree, one of them is not the newest, and a guest would lose a disk, or get one that was removed.
 */
final class ListedDisks {
    private ListedDisks() {}

    /** Throws if the machine lacks a disk whose removal is not on record, or has one that was removed since. */
    static void require(IncarnationFacts facts, GuestState state) {
        Machine machine = facts.spec().machineNow();
        state.dataDisks().stream()
                .filter(listed -> identities(machine).noneMatch(listed::equals))
                .findFirst()
                .ifPresent(lacking -> {
                    throw lacks(state, lacking);
                });
        machine.dataDisks().stream()
                .filter(disk -> !isListed(state, disk) && !disk.wasRemoved() && !isNew(facts, state, disk))
                .filter(disk -> !isApproved(facts, state))
                .findFirst()
                .ifPresent(further -> {
                    throw hasFurther(state, further.identity());
                });
    }

    /**
     * No guest was ever given that disk: this incarnation adds it, or an earlier one did that never claimed the home. After a state that
     * a user approved, there may have been later ones, so that only the former is known.
     */
    static boolean isNew(IncarnationFacts facts, GuestState state, Disk disk) {
        return disk.epoch() != null
                && !disk.wasRemoved()
                && !isListed(state, disk)
                && (disk.epoch() == facts.epoch() || (comesAfter(disk, state) && !isApproved(facts, state)));
    }

    /** It was added by a later incarnation, or while the guest of that one ran, after the state's list. */
    private static boolean comesAfter(Disk disk, GuestState state) {
        long last = state.version().epoch();
        return disk.epoch() > last
                || (disk.epoch() == last && disk.revision() != null && disk.revision() > state.devices());
    }

    private static boolean isListed(GuestState state, Disk disk) {
        return state.dataDisks().contains(disk.identity());
    }

    private static boolean isApproved(IncarnationFacts facts, GuestState state) {
        return state.version().equals(facts.spec().approvedGuestState());
    }

    private static Stream<DiskIdentity> identities(Machine machine) {
        return Stream.concat(
                Stream.concat(machine.dataDisks().stream(), machine.removedDisks().stream())
                        .map(Disk::identity),
                machine.deletedDisks().stream().map(DiskIdentity::of));
    }

    private static RefusedException lacks(GuestState state, DiskIdentity disk) {
        return new RefusedException(
                Reason.DisksMismatch,
                "the VM had data disk " + disk + ", as " + GuestStateName.of(state.version())
                        + " in its home lists, and neither that disk nor its removal is on record: the API server's data may"
                        + " be older. To start with the disk, set from.removedDisk: " + disk + " for " + disk.name()
                        + " in spec.dataDisks; to remove it, start with it once before");
    }

    private static RefusedException hasFurther(GuestState state, DiskIdentity disk) {
        return new RefusedException(
                Reason.DisksMismatch,
                "data disk " + disk + " is on record, and the VM did not have it, as "
                        + GuestStateName.of(state.version())
                        + " in its home lists: it was removed since, or that state is not the newest. To start without the disk,"
                        + " remove " + disk.name() + " from spec.dataDisks; to start with it, set from.removedDisk: "
                        + disk + " for " + disk.name() + " there");
    }
}
