package io.trustedlaunch.controller;

import io.fabric8.kubernetes.client.CustomResource;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/** Writes the status of a resource if it changed, and the events that follow from it. */
public final class StatusRecorder {
    private final ResourceWriter writer;

    public StatusRecorder(ResourceWriter writer) {
        this.writer = writer;
    }

    /** Writes a status without events. */
    public <S, T, R extends CustomResource<S, T>> void record(
            R resource, T status, Supplier<R> empty, Context<R> context) {
        record(resource, status, List.of(), empty, context);
    }

    /**
     * @param events that follow from the new status; written after it
     * @param empty makes an empty resource of the kind; the cached one must not be changed
     * @throws StaleViewException if the resource has changed since it was read
     */
    public <S, T, R extends CustomResource<S, T>> void record(
            R resource, T status, List<EventDraft> events, Supplier<R> empty, Context<R> context) {
        if (Objects.equals(resource.getStatus(), status) || resource.isMarkedForDeletion()) {
            return;
        }
        R fresh = empty.get();
        fresh.setMetadata(resource.getMetadata());
        fresh.setSpec(resource.getSpec());
        fresh.setStatus(status);
        R recorded = writer.replaceStatus(fresh);
        context.eventSourceRetriever()
                .getControllerEventSource()
                .handleRecentResourceUpdate(ResourceID.fromResource(recorded), recorded, resource);
        events.forEach(event -> writer.event(recorded, event));
    }
}
