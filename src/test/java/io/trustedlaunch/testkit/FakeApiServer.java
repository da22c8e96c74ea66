package io.trustedlaunch.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StaleViewException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * An API server in memory. Writes with an old version fail; a write that changes nothing makes no version; the generation
 * counts changes of the spec and the request of a deletion; a deleted object stays until it has no finalizer.
 *
 * <p>Stored objects are never changed, so that a snapshot costs nothing.
 */
public final class FakeApiServer implements ResourceWriter {
    /** One for all, since each inspects the classes anew, and slowly. */
    private static final KubernetesSerialization COPIER = new KubernetesSerialization();

    private static final int QUIET_ROUNDS = 12;

    private final Map<String, HasMetadata> objects;
    private long version;

    public FakeApiServer() {
        this(Map.of(), 0);
    }

    private FakeApiServer(Map<String, HasMetadata> objects, long version) {
        this.objects = new TreeMap<>(objects);
        this.version = version;
    }

    /** A snapshot, as a cache or a backup has it. */
    public FakeApiServer snapshot() {
        return new FakeApiServer(objects, version);
    }

    /** Plays rounds until enough in a row have written nothing. */
    public void settle(int mostRounds, Runnable round) {
        int quiet = 0;
        for (int played = 0; played < mostRounds && quiet < QUIET_ROUNDS; played++) {
            Map<String, String> before = withoutLeases();
            round.run();
            quiet = withoutLeases().equals(before) ? quiet + 1 : 0;
        }
    }

    /** Leases are renewed all the time. */
    private Map<String, String> withoutLeases() {
        Map<String, String> versions = new HashMap<>();
        objects.forEach((key, object) -> {
            if (!(object instanceof Lease)) {
                versions.put(key, object.getMetadata().getResourceVersion());
            }
        });
        return versions;
    }

    /** Changes with every write. */
    public String state() {
        return version + " " + objects.keySet();
    }

    /** Goes back to a snapshot; versions never repeat. */
    public void restore(FakeApiServer snapshot) {
        objects.clear();
        version += 1000;
        snapshot.objects.values().forEach(object -> store(copy(object)));
    }

    /**
     * Objects of these kinds are lost and made again through the API from a backup, as backup tools do it: with new UIDs,
     * and without status.
     */
    public void recreate(FakeApiServer backup, Set<Class<? extends HasMetadata>> kinds) {
        objects.values().removeIf(object -> kinds.contains(object.getClass()));
        version += 1000;
        backup.objects.values().stream()
                .filter(object -> kinds.contains(object.getClass()))
                .map(FakeApiServer::copy)
                .forEach(object -> {
                    object.getMetadata()
                            .setUid(UUID.nameUUIDFromBytes(
                                            Long.toString(version).getBytes(StandardCharsets.UTF_8))
                                    .toString());
                    createIfAbsent(object);
                });
    }

    /** To be read only. Copied to a list first, since the caller may change the server meanwhile. */
    public <T extends HasMetadata> Stream<T> seen(Class<T> kind) {
        return objects.values().stream().filter(kind::isInstance).map(kind::cast).toList().stream();
    }

    /** All controllers share the objects of a cache, so none may change one. */
    public void unchangedBy(Runnable pass) {
        List<HasMetadata> shared = seen(HasMetadata.class).toList();
        int before = shared.hashCode();
        pass.run();
        if (shared.hashCode() != before) {
            throw new AssertionError("a pass changed an object in the cache");
        }
    }

    /** To be changed and sent back. */
    public <T extends HasMetadata> Stream<T> all(Class<T> kind) {
        return seen(kind).map(FakeApiServer::copy);
    }

    public <T extends HasMetadata> Optional<T> find(Class<T> kind, String name) {
        return seen(kind)
                .filter(object -> object.getMetadata().getName().equals(name))
                .findFirst()
                .map(FakeApiServer::copy);
    }

    public long secrets() {
        return seen(Secret.class).count();
    }

    /** For a cache: it saw this object. */
    public void learn(HasMetadata object) {
        objects.put(key(object), copy(object));
    }

    /** For a cache: it has seen the objects of some kinds as they are on the server now. */
    public void catchUp(FakeApiServer server, Predicate<Class<?>> kinds) {
        objects.values().removeIf(object -> kinds.test(object.getClass()));
        server.objects.forEach((key, object) -> {
            if (kinds.test(object.getClass())) {
                objects.put(key, object);
            }
        });
    }

    /** The object is there, with its status, whatever was there before. */
    public <T extends HasMetadata> T put(T object) {
        T there = copy(object);
        identify(there);
        return store(there);
    }

    public void loseStatus(HasMetadata object) {
        HasMetadata there = copy(objects.get(key(object)));
        asCustom(there).setStatus(null);
        store(there);
    }

    /** The object is gone at once, as if there had never been any. */
    public void remove(HasMetadata object) {
        objects.remove(key(object));
        version++;
    }

    /** A change by somebody who reads the object first, such as a user with kubectl edit. */
    public <T extends HasMetadata> T edit(Class<T> kind, String name, UnaryOperator<T> change) {
        T before = find(kind, name).orElseThrow();
        T after = change.apply(copy(before));
        return changed(before, after);
    }

    /** Server-side apply of a whole status, which needs no version, by the only one who applies to it. */
    public <T extends HasMetadata> Optional<T> applyStatus(Class<T> kind, String name, String uid, Object status) {
        return find(kind, name)
                .filter(there -> uid == null || uid.equals(there.getMetadata().getUid()))
                .map(before -> {
                    T after = copy(before);
                    asCustom(after).setStatus(status);
                    return changed(before, after);
                });
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends HasMetadata> T createIfAbsent(T resource) {
        WrittenKeys.check(resource);
        HasMetadata existing = objects.get(key(resource));
        if (existing != null) {
            return (T) copy(existing);
        }
        T created = copy(resource);
        if (created instanceof CustomResource<?, ?>) {
            asCustom(created).setStatus(null);
        }
        created.getMetadata().setDeletionTimestamp(null);
        created.getMetadata().setGeneration(1L);
        identify(created);
        return store(created);
    }

    private void identify(HasMetadata object) {
        if (object.getMetadata().getUid() == null) {
            object.getMetadata().setUid("uid-" + version);
        }
        if (object.getMetadata().getGeneration() == null) {
            object.getMetadata().setGeneration(1L);
        }
    }

    @Override
    public <T extends HasMetadata> T replaceStatus(T resource) {
        T before = current(resource);
        T after = copy(before);
        asCustom(after).setStatus(asCustom(resource).getStatus());
        return changed(before, after);
    }

    /** As a user does it. */
    public <T extends CustomResource<?, ?>> void replaceSpec(T resource) {
        T before = current(resource);
        T after = copy(before);
        asCustom(after).setSpec(asCustom(resource).getSpec());
        changed(before, after);
    }

    @Override
    public <T extends HasMetadata> void applyStatus(T part, String owner) {
        throw new UnsupportedOperationException("no pass over a VM does so");
    }

    @Override
    public <T extends HasMetadata> T setFinalizers(T resource, List<String> finalizers) {
        T before = current(resource);
        T after = copy(before);
        after.getMetadata().setFinalizers(finalizers);
        WrittenKeys.check(after);
        T stored = changed(before, after);
        if (finalizers.isEmpty() && after.isMarkedForDeletion()) {
            objects.remove(key(after));
        }
        return stored;
    }

    @Override
    public <T extends HasMetadata> T setAnnotations(T resource, Map<String, String> annotations) {
        T before = current(resource);
        T after = copy(before);
        Map<String, String> merged = new HashMap<>(
                Optional.ofNullable(before.getMetadata().getAnnotations()).orElseGet(Map::of));
        annotations.forEach((name, value) -> merged.compute(name, (same, old) -> value));
        after.getMetadata().setAnnotations(merged);
        WrittenKeys.check(after);
        return changed(before, after);
    }

    @Override
    public <T extends HasMetadata> T mergeSpec(T resource, Map<String, Object> spec) {
        T before = current(resource);
        T after = copy(before);
        asCustom(after).setSpec(merged(asCustom(before).getSpec(), spec));
        return changed(before, after);
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
    public <T extends HasMetadata> T mergeData(T resource, Map<String, String> data) {
        T before = current(resource);
        T after = copy(before);
        if (!(after instanceof ConfigMap stored)) {
            throw new UnsupportedOperationException("nothing tested with this server does so");
        }
        Map<String, String> merged =
                new HashMap<>(Optional.ofNullable(stored.getData()).orElseGet(Map::of));
        data.forEach((name, value) -> merged.compute(name, (same, old) -> value));
        stored.setData(merged);
        return changed(before, after);
    }

    @Override
    public void delete(HasMetadata resource) {
        HasMetadata before = current(resource);
        if (before.getFinalizers().isEmpty()) {
            remove(before);
        } else if (!before.isMarkedForDeletion()) {
            HasMetadata after = copy(before);
            after.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
            after.getMetadata().setGeneration(before.getMetadata().getGeneration() + 1);
            store(after);
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
        return current;
    }

    @Override
    public void event(HasMetadata about, EventDraft event) {}

    private <T extends HasMetadata> T changed(T before, T after) {
        boolean sameSpec = !(before instanceof CustomResource<?, ?>)
                || Objects.equals(asCustom(before).getSpec(), asCustom(after).getSpec());
        if (!sameSpec) {
            after.getMetadata().setGeneration(before.getMetadata().getGeneration() + 1);
        }
        boolean same = sameSpec && before.getMetadata().equals(after.getMetadata()) && hasSameContent(before, after);
        return same ? copy(before) : store(after);
    }

    private static boolean hasSameContent(HasMetadata before, HasMetadata after) {
        return before instanceof CustomResource<?, ?>
                ? Objects.equals(asCustom(before).getStatus(), asCustom(after).getStatus())
                : before.equals(after);
    }

    private <T extends HasMetadata> T store(T object) {
        object.getMetadata().setResourceVersion(Long.toString(++version));
        objects.put(key(object), object);
        return copy(object);
    }

    private static String key(HasMetadata object) {
        return object.getClass().getSimpleName() + "/" + object.getMetadata().getName();
    }

    /** Specs and statuses are records: only the metadata can be changed in place. */
    @SuppressWarnings("unchecked")
    private static <T extends HasMetadata> T copy(T object) {
        if (object instanceof Secret secret) {
            return (T) new SecretBuilder(secret).build();
        }
        if (object instanceof Node node) {
            return (T) new NodeBuilder(node).build();
        }
        if (object instanceof Lease lease) {
            return (T) new LeaseBuilder(lease).build();
        }
        if (!(object instanceof CustomResource<?, ?>)) {
            return (T) COPIER.convertValue(object, object.getClass());
        }
        try {
            T made = (T) object.getClass().getDeclaredConstructor().newInstance();
            made.setMetadata(copy(object.getMetadata()));
            asCustom(made).setSpec(asCustom(object).getSpec());
            asCustom(made).setStatus(asCustom(object).getStatus());
            return made;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ObjectMeta copy(ObjectMeta metadata) {
        return new ObjectMetaBuilder(metadata).build();
    }

    @SuppressWarnings("unchecked")
    private static CustomResource<Object, Object> asCustom(HasMetadata object) {
        return (CustomResource<Object, Object>) object;
    }
}
