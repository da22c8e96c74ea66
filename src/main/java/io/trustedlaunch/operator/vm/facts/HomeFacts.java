package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Where a VM's state is: the record in its status, and what its incarnations have reported since.
 *
 * @param known empty if the VM has no TPM yet
 * @param later the last incarnation after that, unless it has reported that its guest never ran: its state may be newer
 */
public record HomeFacts(Optional<Home> known, Optional<Incarnation> later) {
    static HomeFacts of(Optional<Home> recorded, List<Incarnation> incarnations) {
        HomeFacts facts = new HomeFacts(recorded, Optional.empty());
        for (Incarnation incarnation : incarnations.stream()
                .sorted(Comparator.comparingLong(Incarnation::epoch))
                .toList()) {
            facts = facts.followedBy(incarnation, incarnations);
        }
        return facts;
    }

    private HomeFacts followedBy(Incarnation next, List<Incarnation> all) {
        boolean isEarlier = known.filter(home -> next.epoch() < home.epoch()).isPresent();
        if (isEarlier || next.isErased()) {
            return this;
        }
        if (next.hasTakenHome() || (known.isEmpty() && next.ek().isPresent())) {
            return new HomeFacts(Optional.of(home(next, all)), Optional.empty());
        }
        return next.neverRan()
                ? new HomeFacts(known.or(next::foundHome), later)
                : new HomeFacts(known, Optional.of(next));
    }

    /** A guest that has left with copies of its disks has its folder on the target, once its source has sent its state there. */
    private static Home home(Incarnation taken, List<Incarnation> all) {
        Home home = taken.home();
        return taken.reportedDeparture(Course.Left)
                .filter(left -> home.complete() && left.nodeName() != null && copiesDisks(taken, left.epoch(), all))
                .map(left -> new Home(home.storageLocation(), left.nodeName(), home.epoch(), true))
                .orElse(home);
    }

    private static boolean copiesDisks(Incarnation source, long target, List<Incarnation> all) {
        return source.requestedDeparture(target)
                        .filter(VMIncarnationSpec.Departure::copiesDisks)
                        .isPresent()
                || all.stream()
                        .filter(incarnation -> incarnation.epoch() == target)
                        .flatMap(incarnation -> incarnation.arrival().stream())
                        .anyMatch(Arrival::copiesDisks);
    }

    /** As if the guest of the later incarnation never runs. */
    public HomeFacts withoutLater() {
        return new HomeFacts(known, Optional.empty());
    }

    /** The incarnation that may have newer state than the home, by its node; empty if all of it is at home. */
    public Optional<String> unsealedOn() {
        return later.map(Incarnation::node)
                .or(() -> known.filter(home -> !home.complete()).map(Home::nodeName));
    }
}
