package io.trustedlaunch.operator.kube;

import io.fabric8.kubernetes.client.CustomResource;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** Writes the status of a resource that has nothing but a status to be written. */
public final class StatusRecorder {
    private static final Duration AFTER_A_CONFLICT = Duration.ofMillis(300);

    private final ResourceWriter writer;

    public StatusRecorder(ResourceWriter writer) {
        this.writer = writer;
    }

    /** @param fresh an empty resource of the kind: what is cached is not changed */
    public <S, T, R extends CustomResource<S, T>> UpdateControl<R> record(
            R resource, T status, R fresh, Context<R> context) {
        return record(resource, status, List.of(), fresh, context);
    }

    /**
     * @param happenings what the new status means to people; told once it is on record
     * @param fresh an empty resource of the kind: what is cached is not changed
     */
    public <S, T, R extends CustomResource<S, T>> UpdateControl<R> record(
            R resource, T status, List<EventDraft> happenings, R fresh, Context<R> context) {
        if (Objects.equals(resource.getStatus(), status) || resource.isMarkedForDeletion()) {
            return UpdateControl.noUpdate();
        }
        fresh.setMetadata(resource.getMetadata());
        fresh.setSpec(resource.getSpec());
        fresh.setStatus(status);
        try {
            R recorded = writer.replaceStatus(fresh);
            context.eventSourceRetriever()
                    .getControllerEventSource()
                    .handleRecentResourceUpdate(ResourceID.fromResource(recorded), recorded, resource);
            happenings.forEach(happening -> writer.event(recorded, happening));
            return UpdateControl.noUpdate();
        } catch (StaleViewException e) {
            return UpdateControl.<R>noUpdate().rescheduleAfter(AFTER_A_CONFLICT);
        }
    }
}
