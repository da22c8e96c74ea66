package io.trustedlaunch.api;

import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.CustomResource;
import java.util.List;
import java.util.Optional;

/**
 * A custom resource of this API: it has a spec, and a status once something is reported.
 *
 * @param <S> its spec
 * @param <T> its status
 */
public abstract class ApiResource<S, T> extends CustomResource<S, T> {
    @Override
    @Required
    public S getSpec() {
        return super.getSpec();
    }

    @Override
    protected S initSpec() {
        return null;
    }

    @Override
    protected T initStatus() {
        return null;
    }

    /** Empty if nothing is reported yet. */
    public final Optional<T> status() {
        return Optional.ofNullable(getStatus());
    }

    /** Those of its status. */
    public final List<Condition> conditions() {
        return getStatus() instanceof Conditioned reported ? reported.conditions() : List.of();
    }

    public final Optional<Condition> condition(ConditionType type) {
        return type.in(conditions());
    }

    /** Whether the condition is there, and True. */
    public final boolean isTrue(ConditionType type) {
        return condition(type)
                .filter(condition -> condition.getStatus().equals("True"))
                .isPresent();
    }
}
