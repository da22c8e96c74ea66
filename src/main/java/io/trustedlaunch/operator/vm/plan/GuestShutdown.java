package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.Optional;

/** How long a guest may take to shut down, and how its shutdown is shown. */
final class GuestShutdown {
    private static final int DEFAULT_SECONDS = 120;

    private GuestShutdown() {}

    static int graceSeconds(VmFacts facts, Incarnation incarnation) {
        // A guest that runs on after its VM was given to another node has nothing left to write.
        return facts.guestState().wasGivenAway(incarnation) ? 0 : graceSeconds(facts, incarnation.epoch());
    }

    /** The grace period of an incarnation that is to be created. */
    static int graceSeconds(VmFacts facts, long epoch) {
        return facts.vm().isForcedToStop(epoch)
                ? 0
                : Optional.ofNullable(facts.vm().spec().terminationGracePeriodSeconds())
                        .orElse(DEFAULT_SECONDS);
    }

    /**
     * Passes a change to the agents of guests that run or shut down; other incarnations have nothing to gain by it. A guest whose
     * VM was given away learns it as it is asked to stop.
     */
    static Optional<VmStep> change(VmFacts facts) {
        return facts.incarnations().all().stream()
                .filter(incarnation -> !incarnation.isOver())
                .filter(incarnation -> incarnation.desired() != DesiredState.Running
                        || !(incarnation.hasNotRunYet() || facts.guestState().wasGivenAway(incarnation)))
                .filter(incarnation -> incarnation.graceSeconds() != graceSeconds(facts, incarnation))
                .findFirst()
                .map(incarnation -> new VmStep.SetGracePeriod(incarnation, graceSeconds(facts, incarnation)));
    }

    /** The same before and after the agent is asked, so that it is written once. */
    static Problem ending(VmFacts facts, Incarnation incarnation, Reason reason) {
        return StartChecks.creation(facts)
                .filter(ineligible -> !facts.vm().isHalted())
                .orElseGet(() -> new Problem(
                        reason,
                        facts.nodes().isAgentAlive(incarnation.node())
                                ? message(facts, incarnation)
                                : "cannot stop the guest on " + incarnation.node()
                                        + ": its agent is not responding; check that the host and its agent are"
                                        + " running"));
    }

    private static String message(VmFacts facts, Incarnation incarnation) {
        String node = incarnation.node();
        Optional<String> deadline = deadline(facts, incarnation);
        if (deadline.isPresent()) {
            return "stopping on " + node + ": " + deadline.get();
        }
        if (incarnation.hasNotRunYet()) {
            return "stopping the guest on " + node;
        }
        int seconds = graceSeconds(facts, incarnation);
        return seconds == 0
                ? "cutting the power of the guest on " + node
                : "stopping the guest on " + node + ", which has " + seconds + " s to shut down";
    }

    /** The agent's report on the guest's end, for a message about a deletion; earlier reports are outdated. */
    static String report(VmFacts facts, Incarnation incarnation) {
        return deadline(facts, incarnation)
                .or(() -> incarnation
                        .status()
                        .filter(status -> status.phase() != Phase.Running)
                        .map(VMIncarnationStatus::message))
                .map(message -> ": " + message)
                .orElse("");
    }

    /** The agent reports it of a guest that takes long, with the next step. */
    private static Optional<String> deadline(VmFacts facts, Incarnation incarnation) {
        return incarnation
                .status()
                .filter(status -> status.phase() == Phase.Stopping
                        && Reason.Stopping.name().equals(status.reason()))
                .map(VMIncarnationStatus::message)
                .map(message -> message + "; to cut its power at once: kubectl tlvm stop "
                        + facts.vm().name() + " -n "
                        + facts.vm().namespace() + " --force");
    }
}
