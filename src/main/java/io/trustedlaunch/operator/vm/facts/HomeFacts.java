package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
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
            facts = facts.followedBy(incarnation);
        }
        return facts;
    }

    private HomeFacts followedBy(Incarnation next) {
        boolean isEarlier = known.filter(home -> next.epoch() < home.epoch()).isPresent();
        if (isEarlier || next.isErased()) {
            return this;
        }
        if (next.hasTakenHome()) {
            return new HomeFacts(
                    known.filter(home -> isTheEndOf(next, home)).or(() -> Optional.of(next.home())), Optional.empty());
        }
        return new HomeFacts(known.or(next::foundHome), next.neverRan() ? later : Optional.of(next));
    }

    /** An end with all of it at home is final: a later report without it, or none, takes nothing back. */
    private static boolean isTheEndOf(Incarnation incarnation, Home home) {
        return home.complete()
                && home.epoch() == incarnation.epoch()
                && home.nodeName().equals(incarnation.node());
    }

    HomeFacts or(Optional<Home> reported) {
        return new HomeFacts(known.or(() -> reported), later);
    }

    /** The same, had the guest of the later incarnation never run. */
    public HomeFacts withoutLater() {
        return new HomeFacts(known, Optional.empty());
    }

    /** The incarnation that may have newer state than the home, by its node; empty if all of it is at home. */
    public Optional<String> unsealedOn() {
        return later.map(Incarnation::node)
                .or(() -> known.filter(home -> !home.complete()).map(Home::nodeName));
    }
}
