package io.trustedlaunch.controller;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pass over a resource, repeated soon if an object was changed by another writer meanwhile. */
public final class Reconciliation {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);

    private static final Duration AFTER_A_CONFLICT = Duration.ofMillis(300);

    private Reconciliation() {}

    /**
     * Nothing is to be done for the object any more. Controllers with {@code triggerReconcilerOnAllEvents} are asked for
     * it so that the SDK, which otherwise keeps what it knows of an object that is deleted during a pass, forgets it.
     */
    public static boolean isGone(HasMetadata resource, Context<?> context) {
        return context.isPrimaryResourceDeleted() || resource.isMarkedForDeletion();
    }

    /** @param pass returns when to reconcile again if no event comes first */
    public static <R extends HasMetadata> UpdateControl<R> of(Supplier<Optional<Duration>> pass) {
        UpdateControl<R> control = UpdateControl.noUpdate();
        try {
            pass.get().ifPresent(control::rescheduleAfter);
        } catch (StaleViewException e) {
            LOG.debug("Reconciling again: {}", e.getMessage());
            control.rescheduleAfter(AFTER_A_CONFLICT);
        }
        return control;
    }
}
