package io.trustedlaunch.operator.vm.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.operator.kube.Conditions;
import io.trustedlaunch.operator.kube.Conditions.State;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.Problem;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.plan.Migratability;
import io.trustedlaunch.operator.vm.plan.StartChecks;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A VM's conditions; always all five, each with a reason. */
final class VmConditions {
    private final VmFacts facts;
    private final Conditions conditions;

    VmConditions(VmFacts facts, Instant now) {
        this.facts = facts;
        this.conditions = new Conditions(
                facts.status().map(status -> status.conditions()).orElse(null),
                facts.vm().getMetadata().getGeneration(),
                now);
    }

    List<Condition> settled(Reason reason, String message) {
        return List.of(
                conditions.of(ConditionType.Ready, State.True, reason, message + warnings()),
                running(State.True, reason, message),
                imageEligible(),
                placed(reason, message),
                migratable());
    }

    List<Condition> blocked(Problem obstacle) {
        boolean unknown = obstacle.reason() == Reason.AgentNotAlive;
        State state = unknown ? State.Unknown : State.False;
        return List.of(
                conditions.of(ConditionType.Ready, state, obstacle.reason(), obstacle.message() + warnings()),
                running(unknown ? State.Unknown : State.True, obstacle.reason(), obstacle.message()),
                imageEligible(),
                obstacle.condition() == ConditionType.Placed
                        ? conditions.of(ConditionType.Placed, State.False, obstacle.reason(), obstacle.message())
                        : placed(obstacle.reason(), obstacle.message()),
                migratable());
    }

    List<Condition> starting(String node, long epoch) {
        String message = "epoch " + epoch + " is being prepared on " + node;
        return List.of(
                conditions.of(ConditionType.Ready, State.False, Reason.Starting, message + warnings()),
                conditions.of(ConditionType.Running, State.False, Reason.Starting, message),
                imageEligible(),
                conditions.of(ConditionType.Placed, State.True, Reason.Placed, "on " + node),
                migratable());
    }

    /** @param ifUp what to say if the present life's guest is up, as far as its agent said last */
    private Condition running(State ifUp, Reason reason, String message) {
        boolean up = facts.current()
                .map(Incarnation::phase)
                .filter(phase -> phase == Phase.Running || phase == Phase.Stopping)
                .isPresent();
        return conditions.of(ConditionType.Running, up ? ifUp : State.False, reason, message);
    }

    /** A VM that exists keeps what was found of its image if the image itself is gone. */
    private Condition imageEligible() {
        Optional<Condition> found = conditions.before(ConditionType.ImageEligible);
        if (facts.image().spec().isEmpty() && facts.epoch() > 0 && found.isPresent()) {
            return conditions.again(found.get());
        }
        if (facts.image().spec().isEmpty()) {
            Problem missing = StartChecks.imageNotFound(facts);
            return conditions.of(ConditionType.ImageEligible, State.False, missing.reason(), missing.message());
        }
        return conditions.of(
                ConditionType.ImageEligible,
                facts.image().isEligible() ? State.True : State.False,
                facts.image().verdict().reason(),
                facts.image().verdict().message());
    }

    private Condition placed(Reason reason, String message) {
        return facts.nodeName()
                .map(node -> conditions.of(ConditionType.Placed, State.True, Reason.Placed, "on " + node))
                .orElseGet(() -> conditions.of(ConditionType.Placed, State.Unknown, reason, message));
    }

    /** While it is being moved it takes the target's room itself, and what was found before stands. */
    private Condition migratable() {
        Optional<Condition> found = conditions.before(ConditionType.Migratable);
        if (facts.openMove().isPresent() && found.isPresent()) {
            return conditions.again(found.get());
        }
        Problem verdict = new Migratability(facts).verdict();
        return conditions.of(
                ConditionType.Migratable,
                verdict.reason() == Reason.Migratable ? State.True : State.False,
                verdict.reason(),
                verdict.message());
    }

    private String warnings() {
        return keyWarning()
                + facts.guestState()
                        .lastWatched()
                        .map(last -> "; " + UnwatchedChange.after(last))
                        .orElse("");
    }

    private String keyWarning() {
        return facts.key() instanceof KeyFacts.Held held && held.deletionRequested()
                ? "; somebody deleted the Secret of its protection key, which only its finalizer keeps:"
                        + " make a copy of the Secret before the VM is needed again"
                : "";
    }
}
