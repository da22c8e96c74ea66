package io.trustedlaunch.agent.migration;

import io.trustedlaunch.agent.gueststate.HomeFile;
import io.trustedlaunch.api.node.Enrolment;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Guests arrive from enrolled nodes only. A migration that has handed its guest over is completed all the same: the guest is
 * nowhere else.
 */
public record EnrolledArrivals(Arrivals arrivals, Predicate<String> enrolled) implements Arrivals {
    /** Nodes that no guest is expected from are not looked up. */
    @Override
    public Optional<String> refusal(String fromNode, UUID vm, long epoch) {
        return arrivals.refusal(fromNode, vm, epoch)
                .or(() -> enrolled.test(fromNode)
                        ? Optional.empty()
                        : Optional.of(fromNode + " " + Enrolment.refusal(fromNode)));
    }

    @Override
    public Optional<String> home(String fromNode, UUID vm, long epoch, List<HomeFile> files) {
        return arrivals.home(fromNode, vm, epoch, files);
    }

    @Override
    public Optional<String> left(String fromNode, UUID vm, long epoch) {
        return arrivals.left(fromNode, vm, epoch);
    }

    @Override
    public Optional<String> taken(String fromNode, UUID vm, long epoch) {
        return arrivals.taken(fromNode, vm, epoch);
    }
}
