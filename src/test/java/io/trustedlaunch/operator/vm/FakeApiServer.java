package io.trustedlaunch.operator.vm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.operator.kube.EventDraft;
import io.trustedlaunch.operator.kube.ResourceWriter;
import io.trustedlaunch.operator.kube.StaleViewException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Objects with resource versions, and writes that fail if theirs is stale. */
public final class FakeApiServer implements ResourceWriter {
    /** One for all, since each inspects the classes anew, and slowly. */
    private static final KubernetesSerialization COPIER = new KubernetesSerialization();

    private static final int QUIET_ROUNDS = 6;

    private final Map<String, HasMetadata> objects;
    private long version;

    FakeApiServer() {
        this(Map.of(), 0);
    }

    private FakeApiServer(Map<String, HasMetadata> objects, long version) {
        this.objects = new TreeMap<>(objects);
        this.version = version;
    }

    /** A snapshot, as a cache or a backup has it. */
    FakeApiServer snapshot() {
        return new FakeApiServer(objects, version);
    }

    /** Plays rounds until enough in a row have written nothing. */
    void settle(int mostRounds, Runnable round) {
        int quiet = 0;
        for (int played = 0; played < mostRounds && quiet < QUIET_ROUNDS; played++) {
            String before = state();
            round.run();
            quiet = state().equals(before) ? quiet + 1 : 0;
        }
    }

    /** Changes with every write. */
    private String state() {
        return version + " " + objects.keySet();
    }

    /** Goes back to a snapshot; versions never repeat. */
    public void restore(FakeApiServer snapshot) {
        objects.clear();
        version += 1000;
        snapshot.objects.values().forEach(object -> store(copy(object)));
    }

    /** To be read only. Copied to a list first, since the caller may change the server meanwhile. */
    public <T extends HasMetadata> Stream<T> seen(Class<T> kind) {
        return objects.values().stream().filter(kind::isInstance).map(kind::cast).toList().stream();
    }

    /** To be changed and sent back. */
    <T extends HasMetadata> Stream<T> all(Class<T> kind) {
        return seen(kind).map(this::copy);
    }

    <T extends HasMetadata> Optional<T> find(Class<T> kind, String name) {
        return seen(kind)
                .filter(object -> object.getMetadata().getName().equals(name))
                .findFirst()
                .map(this::copy);
    }

    /** For a cache: it saw this object. */
    void learn(HasMetadata object) {
        objects.put(key(object), copy(object));
    }

    @SuppressWarnings("unchecked")
    private <T extends HasMetadata> T copy(T object) {
        return (T) COPIER.convertValue(object, object.getClass());
    }

    private <T extends HasMetadata> T store(T object) {
        object.getMetadata().setResourceVersion(Long.toString(++version));
        objects.put(key(object), object);
        return copy(object);
    }

    private static String key(HasMetadata object) {
        return object.getClass().getSimpleName() + "/" + object.getMetadata().getName();
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends HasMetadata> T createIfAbsent(T resource) {
        HasMetadata existing = objects.get(key(resource));
        if (existing != null) {
            return (T) copy(existing);
        }
        T created = copy(resource);
        if (created.getMetadata().getUid() == null) {
            created.getMetadata().setUid("uid-" + version);
        }
        return store(created);
    }

    @Override
    public <T extends HasMetadata> T replaceStatus(T resource) {
        T current = current(resource);
        setStatus(current, resource);
        return store(current);
    }

    @SuppressWarnings("unchecked")
    private static void setStatus(HasMetadata current, HasMetadata from) {
        ((CustomResource<Object, Object>) current).setStatus(((CustomResource<Object, Object>) from).getStatus());
    }

    /** As a user does it. */
    void replaceSpec(TrustedLaunchVM vm) {
        TrustedLaunchVM current = current(vm);
        current.setSpec(vm.getSpec());
        store(current);
    }

    @Override
    public <T extends HasMetadata> void applyStatus(T part, String owner) {
        throw new UnsupportedOperationException("no pass over a VM does so");
    }

    @Override
    public <T extends HasMetadata> T setFinalizers(T resource, List<String> finalizers) {
        T current = current(resource);
        current.getMetadata().setFinalizers(finalizers);
        T stored = store(current);
        if (finalizers.isEmpty() && current.isMarkedForDeletion()) {
            objects.remove(key(current));
        }
        return stored;
    }

    @Override
    public <T extends HasMetadata> T setAnnotations(T resource, Map<String, String> annotations) {
        T current = current(resource);
        Map<String, String> merged = new HashMap<>(
                Optional.ofNullable(current.getMetadata().getAnnotations()).orElseGet(Map::of));
        annotations.forEach((name, value) -> merged.compute(name, (same, before) -> value));
        current.getMetadata().setAnnotations(merged);
        return store(current);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends HasMetadata> T mergeSpec(T resource, Map<String, Object> spec) {
        T current = current(resource);
        ((CustomResource<Object, Object>) current)
                .setSpec(merged(((CustomResource<Object, Object>) current).getSpec(), spec));
        return store(current);
    }

    /** A JSON merge patch: maps are merged, and null removes a value. */
    private static Object merged(Object spec, Map<String, Object> patch) {
        ObjectNode merged = COPIER.convertValue(spec, ObjectNode.class);
        merge(merged, COPIER.convertValue(patch, ObjectNode.class));
        return COPIER.convertValue(merged, spec.getClass());
    }

    private static void merge(ObjectNode into, ObjectNode patch) {
        patch.properties().forEach(field -> {
            if (field.getValue() instanceof ObjectNode object
                    && into.get(field.getKey()) instanceof ObjectNode before) {
                merge(before, object);
            } else {
                into.set(field.getKey(), field.getValue());
            }
        });
    }

    @Override
    public Secret mergeData(Secret secret, Map<String, String> data) {
        throw new UnsupportedOperationException("no pass over a VM does so");
    }

    @Override
    public void delete(HasMetadata resource) {
        HasMetadata current = current(resource);
        if (current.getFinalizers().isEmpty()) {
            objects.remove(key(current));
        } else {
            current.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
            store(current);
        }
    }

    private <T extends HasMetadata> T current(T resource) {
        @SuppressWarnings("unchecked")
        T current = (T) objects.get(key(resource));
        if (current == null
                || !current.getMetadata()
                        .getResourceVersion()
                        .equals(resource.getMetadata().getResourceVersion())) {
            throw new StaleViewException(key(resource));
        }
        return copy(current);
    }

    @Override
    public void event(HasMetadata about, EventDraft event) {}

    long secrets() {
        return all(Secret.class).count();
    }
}
