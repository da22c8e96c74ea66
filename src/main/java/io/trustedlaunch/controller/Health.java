package io.trustedlaunch.controller;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Remedy;
import io.trustedlaunch.controller.Conditions.State;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How an object is, in the words of kstatus (sigs.k8s.io/cli-utils), which Flux and others read: with Stalled it has failed, with
 * Reconciling it is in progress, with neither it is as its spec requests. Pure.
 */
public final class Health {
    /** In each list of conditions, one of them says whether the object is as its spec requests. */
    private static final Set<ConditionType> DECIDING =
            EnumSet.of(ConditionType.Ready, ConditionType.Migrated, ConditionType.Completed, ConditionType.Open);

    /** Those of what is done once; while it is not over, they are Unknown. */
    private static final Set<ConditionType> ENDING = EnumSet.of(ConditionType.Migrated, ConditionType.Completed);

    private static final Set<ConditionType> FOLLOWING =
            EnumSet.of(ConditionType.Complete, ConditionType.Failed, ConditionType.Stalled, ConditionType.Reconciling);

    private Health() {}

    /**
     * A condition that follows from another one. It is True; where it is not, it is absent.
     *
     * @param why whose reason and message it shares, for clients that show nothing else
     */
    record Following(ConditionType type, Condition why) {}

    static Stream<Following> of(List<Condition> conditions) {
        return conditions.stream()
                .filter(condition -> contains(DECIDING, condition))
                .limit(1)
                .flatMap(deciding -> types(deciding).map(type -> new Following(type, deciding)));
    }

    /** Whether it is one of those that follow. */
    public static boolean follows(Condition condition) {
        return contains(FOLLOWING, condition);
    }

    private static Stream<ConditionType> types(Condition deciding) {
        boolean ends = contains(ENDING, deciding);
        return switch (State.valueOf(deciding.getStatus())) {
            case True -> ends ? Stream.of(ConditionType.Complete) : Stream.of();
            case False ->
                // It is not tried again, whoever is the cause.
                ends ? Stream.of(ConditionType.Failed, ConditionType.Stalled) : Stream.of(open(deciding));
            case Unknown -> Stream.of(open(deciding));
        };
    }

    private static ConditionType open(Condition deciding) {
        return Reason.named(deciding.getReason())
                .filter(reason -> reason.remedy() == Remedy.Person)
                .map(reason -> ConditionType.Stalled)
                .orElse(ConditionType.Reconciling);
    }

    private static boolean contains(Set<ConditionType> types, Condition condition) {
        return types.stream().anyMatch(type -> type.name().equals(condition.getType()));
    }
}
