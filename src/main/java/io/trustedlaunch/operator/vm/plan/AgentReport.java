package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** What an agent says of a life beyond its phase. */
final class AgentReport {
    /** Of a life to which nothing untoward happens. */
    private static final Set<Reason> COURSE =
            EnumSet.of(Reason.Running, Reason.Starting, Reason.Stopping, Reason.Stopped, Reason.Migrating);

    private AgentReport() {}

    static Optional<Problem> problem(Incarnation incarnation) {
        return incarnation
                .status()
                .map(VMIncarnationStatus::reason)
                .map(AgentReport::known)
                .filter(reason -> !COURSE.contains(reason))
                .map(reason -> new Problem(
                        reason,
                        Optional.ofNullable(incarnation.status().get().message())
                                .orElse(reason.appearsWhen())));
    }

    /** An agent may be newer than its operator. */
    private static Reason known(String name) {
        for (Reason reason : Reason.values()) {
            if (reason.name().equals(name)) {
                return reason;
            }
        }
        return Reason.AgentFault;
    }
}
