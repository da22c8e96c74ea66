package io.trustedlaunch.cli.plugin.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How far an operation is.
 *
 * @param line names the object
 * @param percent empty where no share is known
 */
public record Progress(String line, OptionalInt percent, State state) {

    /** Whether the operation has ended, and how. */
    public enum State {
        Ongoing,
        Done,
        Failed
    }

    /** An operation that is done when the condition is True. A condition of an older generation is ignored. */
    public static Progress of(HasMetadata object, Optional<Condition> condition, long generation) {
        Optional<Condition> current = current(condition, generation);
        return of(object, current, current.filter(Progress::isTrue).isPresent());
    }

    /** Empty if it is of an older generation. */
    public static Optional<Condition> current(Optional<Condition> condition, long generation) {
        return condition.filter(
                known -> known.getObservedGeneration() != null && known.getObservedGeneration() >= generation);
    }

    /** An operation that shows a condition but is done by another rule. */
    public static Progress of(HasMetadata object, Optional<Condition> condition, boolean done) {
        String detail = condition
                .map(known -> known.getReason() + " (" + known.getMessage() + ")")
                .orElse("waiting for the operator");
        return new Progress(
                object.getMetadata().getName() + ": " + detail, OptionalInt.empty(), done ? State.Done : State.Ongoing);
    }

    public static boolean isTrue(Condition condition) {
        return condition.getStatus().equals("True");
    }
}
