package io.trustedlaunch.operator;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.trustedlaunch.api.Api;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the default objects as this version has them. The chart cannot contain them, since helm looks all kinds up before it
 * creates the first definition.
 *
 * <p>An annotation says which content was applied last, and nothing is applied before this version has another. So what an
 * administrator changes stays, also a rule that was removed: server-side apply would add it again without a conflict.
 */
final class DefaultObjects {
    private static final Logger LOG = LoggerFactory.getLogger(DefaultObjects.class);

    private static final String FILE = "default-objects.yaml";
    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    private final List<GenericKubernetesResource> wanted;
    private final Function<GenericKubernetesResource, Optional<GenericKubernetesResource>> reader;
    private final Function<GenericKubernetesResource, Optional<String>> applier;
    /** Keyed by kind, so that each fact is logged once. */
    private final Map<String, String> logged = new HashMap<>();

    /**
     * @param reader of the object of the same kind and name at the API server
     * @param applier applies an object without force; returns the API server's message if there is a conflict
     */
    DefaultObjects(
            Set<DefaultObject> wanted,
            Function<GenericKubernetesResource, Optional<GenericKubernetesResource>> reader,
            Function<GenericKubernetesResource, Optional<String>> applier) {
        this.wanted = all().stream()
                .filter(object -> wanted.contains(DefaultObject.valueOf(object.getKind())))
                .toList();
        this.reader = reader;
        this.applier = applier;
    }

    /** The default objects with the annotation. */
    static List<GenericKubernetesResource> all() {
        try (InputStream file = DefaultObjects.class.getResourceAsStream(FILE)) {
            return Stream.of(new String(file.readAllBytes(), UTF_8).split("(?m)^---$"))
                    .map(document -> SERIALIZATION.unmarshal(document, GenericKubernetesResource.class))
                    .map(DefaultObjects::annotated)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static GenericKubernetesResource annotated(GenericKubernetesResource object) {
        return new GenericKubernetesResourceBuilder(object)
                .editMetadata()
                .addToAnnotations(
                        Api.APPLIED_DEFAULT,
                        SERIALIZATION.asJson(object.get("spec")).strip())
                .endMetadata()
                .build();
    }

    /** Only a leader may call this. */
    void apply() {
        wanted.forEach(this::apply);
    }

    private void apply(GenericKubernetesResource object) {
        Optional<GenericKubernetesResource> found = reader.apply(object);
        if (found.isPresent() && applied(found.get()).isEmpty()) {
            report(object, "stays as it is: it is not the operator's");
        } else if (found.isEmpty() || !applied(found.get()).equals(applied(object))) {
            report(object, applier.apply(object).map(DefaultObjects::refusal).orElse("applied"));
        }
    }

    private static Optional<String> applied(GenericKubernetesResource object) {
        return Optional.ofNullable(object.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(Api.APPLIED_DEFAULT));
    }

    private static String refusal(String conflict) {
        return "stays as it is, without what this version changes: " + conflict
                + "; to have this version's, delete it, and the operator makes it again";
    }

    private void report(GenericKubernetesResource object, String fact) {
        if (!fact.equals(logged.put(object.getKind(), fact))) {
            LOG.info("{} {}: {}", object.getKind(), object.getMetadata().getName(), fact);
        }
    }
}
