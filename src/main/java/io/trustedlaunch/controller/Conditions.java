package io.trustedlaunch.controller;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.trustedlaunch.api.ApiResource;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Builds conditions, and keeps the time of their last transition. */
public final class Conditions {
    public enum State {
        True,
        False,
        Unknown
    }

    private final List<Condition> before;
    private final Long generation;
    private final Instant now;

    /** Starts from the conditions that the resource has now. */
    public Conditions(ApiResource<?, ?> resource, Instant now) {
        this(resource.conditions(), resource.getMetadata().getGeneration(), now);
    }

    /** @param before may be null */
    public Conditions(List<Condition> before, Long generation, Instant now) {
        this.before = before == null ? List.of() : before;
        this.generation = generation;
        this.now = now;
    }

    public Condition of(ConditionType type, State state, Reason reason, String message) {
        return of(type, state, reason.name(), message);
    }

    private Condition of(ConditionType type, State state, String reason, String message) {
        return new ConditionBuilder()
                .withType(type.name())
                .withStatus(state.name())
                .withReason(reason)
                .withMessage(Messages.bounded(message))
                .withObservedGeneration(generation)
                .withLastTransitionTime(before(type)
                        .filter(was -> was.getStatus().equals(state.name()))
                        .map(Condition::getLastTransitionTime)
                        .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString()))
                .build();
    }

    public Condition of(ConditionType type, State state, Problem why) {
        return of(type, state, why.reason(), why.message());
    }

    /**
     * All conditions of an object that people write: these, and what follows from the first of them that decides about the
     * object's {@link Health}. No status has a list of conditions that was made otherwise.
     */
    public List<Condition> all(Condition... these) {
        return all(List.of(these));
    }

    /** Those that followed from an earlier list may be among them, and are replaced. */
    public List<Condition> all(List<Condition> these) {
        return Stream.concat(
                        these.stream().filter(Predicate.not(Health::follows)),
                        Health.of(these).map(this::of))
                .toList();
    }

    private Condition of(Health.Following condition) {
        Condition why = condition.why();
        return of(condition.type(), State.True, why.getReason(), why.getMessage());
    }

    /** The same condition for the current generation. */
    public Condition again(Condition was) {
        return was.edit().withObservedGeneration(generation).build();
    }

    public Optional<Condition> before(ConditionType type) {
        return find(before, type);
    }

    /** @param conditions may be null */
    public static Optional<Condition> find(List<Condition> conditions, ConditionType type) {
        return conditions == null ? Optional.empty() : type.in(conditions);
    }
}
