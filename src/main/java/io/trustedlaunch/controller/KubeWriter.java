package io.trustedlaunch.controller;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.Messages;
import java.net.HttpURLConnection;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes to a real API server. */
public final class KubeWriter implements ResourceWriter {
    private static final Logger LOG = LoggerFactory.getLogger(KubeWriter.class);
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
    private static final String OPERATOR = "trusted-launch-operator";

    /** The namespace for events of cluster-scoped objects, as in Kubernetes. */
    private static final String CLUSTER_EVENTS = "default";

    private final KubernetesClient client;
    private final InstantSource clock;
    private final String instance;
    private final String component;

    /** @param instance identifies this process in the events that it writes */
    public KubeWriter(KubernetesClient client, InstantSource clock, String instance) {
        this(client, clock, instance, OPERATOR);
    }

    /** @param component the role of this process, in the events that it writes */
    public KubeWriter(KubernetesClient client, InstantSource clock, String instance, String component) {
        this.client = client;
        this.clock = clock;
        this.instance = instance;
        this.component = component;
    }

    @Override
    public <T extends HasMetadata> T createIfAbsent(T resource) {
        try {
            return client.resource(resource).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            T existing = client.resource(resource).get();
            if (existing == null) {
                throw new StaleViewException(name(resource) + " was deleted in the meantime");
            }
            return existing;
        }
    }

    @Override
    public <T extends HasMetadata> T replaceStatus(T resource) {
        return unlessStale(resource, () -> client.resource(resource).updateStatus());
    }

    /**
     * Applies the object by server-side apply without force; creates it if there is none. It carries no resourceVersion, so
     * it is only for what administrators own.
     *
     * @return the API server's message if another manager has set one of the fields to another value; nothing changes then
     */
    public Optional<String> applyUnlessChanged(HasMetadata resource) {
        try {
            client.resource(resource).fieldManager(component).serverSideApply();
            return Optional.empty();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return Optional.of(
                        e.getStatus() == null ? e.getMessage() : e.getStatus().getMessage());
            }
            throw e;
        }
    }

    @Override
    public <T extends HasMetadata> void applyStatus(T part, String owner) {
        PatchContext apply = new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(owner)
                .withForce(true)
                .build();
        unlessStale(part, () -> client.resource(part).subresource("status").patch(apply));
    }

    @Override
    public <T extends HasMetadata> T setFinalizers(T resource, List<String> finalizers) {
        return merge(resource, Map.of("finalizers", finalizers), Map.of());
    }

    @Override
    public <T extends HasMetadata> T setAnnotations(T resource, Map<String, String> annotations) {
        return merge(resource, Map.of("annotations", annotations), Map.of());
    }

    @Override
    public <T extends HasMetadata> T mergeSpec(T resource, Map<String, Object> spec) {
        return merge(resource, Map.of(), Map.of("spec", spec));
    }

    @Override
    public <T extends HasMetadata> T mergeData(T resource, Map<String, String> data) {
        return merge(resource, Map.of(), Map.of("data", data));
    }

    private <T extends HasMetadata> T merge(T resource, Map<String, Object> metadata, Map<String, Object> body) {
        Map<String, Object> versioned = new LinkedHashMap<>(metadata);
        versioned.put("uid", resource.getMetadata().getUid());
        versioned.put("resourceVersion", resource.getMetadata().getResourceVersion());
        Map<String, Object> patch = new LinkedHashMap<>(body);
        patch.put("metadata", versioned);
        return unlessStale(
                resource,
                () -> client.resource(resource)
                        .patch(MERGE, client.getKubernetesSerialization().asJson(patch)));
    }

    @Override
    public void delete(HasMetadata resource) {
        unlessStale(
                resource, () -> client.resource(resource).lockResourceVersion().delete());
    }

    @Override
    public void event(HasMetadata about, EventDraft event) {
        try {
            client.resource(resourceOf(about, event)).create();
        } catch (KubernetesClientException e) {
            // Nothing can be created in a terminating namespace, for example.
            LOG.debug("Could not write event {} about {}: {}", event.reason(), name(about), e.getMessage());
        }
    }

    private Event resourceOf(HasMetadata about, EventDraft event) {
        String namespace = about.getMetadata().getNamespace();
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        return new EventBuilder()
                .withNewMetadata()
                .withGenerateName("trusted-launch-")
                .withNamespace(namespace == null ? CLUSTER_EVENTS : namespace)
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion(about.getApiVersion())
                .withKind(about.getKind())
                .withNamespace(namespace)
                .withName(about.getMetadata().getName())
                .withUid(about.getMetadata().getUid())
                .withResourceVersion(about.getMetadata().getResourceVersion())
                .endInvolvedObject()
                .withType(event.severity().name())
                .withReason(event.reason().name())
                .withMessage(Messages.bounded(event.message()))
                .withFirstTimestamp(now)
                .withLastTimestamp(now)
                .withCount(1)
                .withNewSource()
                .withComponent(component)
                .endSource()
                .withReportingComponent(component)
                .withReportingInstance(instance)
                .build();
    }

    private static <R> R unlessStale(HasMetadata resource, Supplier<R> write) {
        try {
            return write.get();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                throw new StaleViewException(name(resource) + ": " + e.getMessage());
            }
            throw e;
        }
    }

    private static String name(HasMetadata resource) {
        return resource.getKind() + " " + resource.getMetadata().getName();
    }
}
