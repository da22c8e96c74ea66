package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** The report of an agent on an incarnation, besides its phase. */
final class AgentReport {
    /** Reasons that hinder nothing that may be done with the VM. */
    private static final Set<Reason> NORMAL = EnumSet.of(
            Reason.Running,
            Reason.Starting,
            Reason.Stopping,
            Reason.Stopped,
            Reason.Migrating,
            Reason.BootLoaderRefused);

    /** Reasons that are none of a guest that is being stopped. */
    private static final Set<Reason> ENDED_BY_A_STOP = EnumSet.of(Reason.TpmNotResponding, Reason.BackupJobLost);

    private AgentReport() {}

    static boolean isEndedByAStop(Problem problem) {
        return ENDED_BY_A_STOP.contains(problem.reason());
    }

    /** Of a guest that runs: for its user alone. */
    static Optional<Problem> ofBoot(Incarnation incarnation) {
        return reported(incarnation, reason -> reason == Reason.BootLoaderRefused);
    }

    static Optional<Problem> problem(Incarnation incarnation) {
        return reported(incarnation, reason -> !NORMAL.contains(reason));
    }

    private static Optional<Problem> reported(Incarnation incarnation, Predicate<Reason> wanted) {
        return incarnation
                .status()
                .map(VMIncarnationStatus::reason)
                .map(AgentReport::known)
                .filter(wanted)
                .map(reason -> new Problem(
                        reason,
                        Optional.ofNullable(incarnation.status().get().message())
                                .orElse(reason.appearsWhen())));
    }

    /** The agent may be newer than the operator, and report an unknown reason; or a hostile one, one of the operator's. */
    private static Reason known(String name) {
        return Reason.reported(name).orElse(Reason.AgentFault);
    }
}
