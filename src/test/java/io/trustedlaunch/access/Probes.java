package io.trustedlaunch.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.access.Probe.Target;
import io.trustedlaunch.access.Served.Resource;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.testkit.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an attacker tries: each verb of each resource that the API server says it serves, in each place; and each field of a
 * status, each key that the operator steers by, and each finalizer, of our kinds.
 */
final class Probes {
    /**
     * Where an attacker tries it, and on which objects.
     *
     * @param names of objects of our kinds that are there in each of the namespaces
     */
    record Places(List<String> namespaces, List<String> names) {}

    private static final ObjectNode NOTHING = JsonNodeFactory.instance.objectNode();
    private static final Writers TABLE = Writers.read();

    private final KubernetesClient admin;
    private final Places places;
    private final Map<String, JsonNode> statuses;
    private final List<Probe> probes = new ArrayList<>();

    /** @param statuses the schema of each kind's status, by its plural */
    private Probes(KubernetesClient admin, Places places, Map<String, JsonNode> statuses) {
        this.admin = admin;
        this.places = places;
        this.statuses = statuses;
    }

    static List<Probe> of(KubernetesClient admin, Attacker attacker, List<Resource> resources, Places places) {
        Probes probes = new Probes(admin, places, Statuses.served(admin));
        for (Resource resource : resources) {
            for (String namespace : resource.namespaced() ? places.namespaces() : List.of("")) {
                Target collection = new Target(attacker, resource, namespace, "");
                for (String name : collection.isOfOurGroup() ? places.names() : List.of("victim")) {
                    probes.add(new Target(attacker, resource, namespace, name));
                }
            }
            if (resource.namespaced() && !resource.isSubresource()) {
                Target everywhere = new Target(attacker, resource, "", "");
                probes.add(everywhere, "list", "", Call.get(resource.root() + "/" + resource.name()));
            }
        }
        return probes.probes;
    }

    private void add(Target target) {
        Resource resource = target.resource();
        String collection = resource.collection(target.namespace());
        String object = resource.object(target.namespace(), target.name());
        for (String verb : resource.verbs()) {
            switch (verb) {
                case "get" -> add(target, verb, "", Call.get(object));
                case "list" -> add(target.asCollection(), verb, "", Call.get(collection));
                case "watch" ->
                    add(target.asCollection(), verb, "", Call.get(collection + "?watch=true&timeoutSeconds=1"));
                case "create" -> create(target, resource.isSubresource() ? object : collection);
                case "update" ->
                    add(target, verb, "", put(object, existing(target).orElse(minimal(target))));
                case "patch" -> patch(target, object);
                case "delete" -> add(target, verb, "", Call.delete(object));
                case "deletecollection" -> add(target.asCollection(), verb, "", Call.delete(collection));
                default -> {}
            }
        }
    }

    private void add(Target target, String verb, String key, Call call) {
        probes.add(new Probe(target, verb, key, call.dryRun()));
    }

    private void create(Target target, String path) {
        ObjectNode object = minimal(target);
        object.withObject("/metadata").put("name", target.name() + "-new");
        add(target, "create", "", Call.create(path, object.toString()));
        if (steers(target)) {
            for (Writers.Key key : TABLE.keys()) {
                ObjectNode labelled = object.deepCopy();
                labelled.withObject("/metadata/labels").put(Api.GROUP + "/" + key.key(), "x");
                add(target, "create", key.key(), Call.create(path, labelled.toString()));
            }
        }
    }

    private void patch(Target target, String path) {
        add(target, "patch", "", Call.merge(path, "{}"));
        add(target, "patch", "", new Call("PATCH", path, "application/json-patch+json", "[]"));
        add(target, "patch", "", Call.apply(path, named(target).toString()));
        if (target.isOfOurGroup() && target.resource().isSubresource()) {
            Statuses.forgeries(statuses.getOrDefault(target.resource().plural(), NOTHING))
                    .forEach(forged -> add(target, "patch", "", Call.merge(path, forged)));
        }
        if (steers(target)) {
            for (Writers.Key key : TABLE.keys()) {
                String full = Api.GROUP + "/" + key.key();
                add(target, "patch", key.key(), metadata(path, "{\"labels\": {\"" + full + "\": \"x\"}}"));
                add(target, "patch", key.key(), metadata(path, "{\"annotations\": {\"" + full + "\": \"x\"}}"));
                add(target, "patch", "finalizer", metadata(path, "{\"finalizers\": [\"" + full + "\"]}"));
            }
        }
    }

    /** Elsewhere roles refuse each write of the object itself, whatever its metadata. */
    private boolean steers(Target target) {
        return target.isOfOurGroup()
                && !target.resource().isSubresource()
                && target.namespace().equals(target.attacker().own())
                && target.name().equals(places.names().getFirst());
    }

    private static Call metadata(String path, String metadata) {
        return Call.merge(path, "{\"metadata\": " + metadata + "}");
    }

    private static Call put(String path, ObjectNode object) {
        return new Call("PUT", path, "application/json", object.toString());
    }

    /** A sample of our kinds; for another's, what the roles are asked about before it is read. */
    private static ObjectNode minimal(Target target) {
        Map<String, ObjectNode> samples = target.isOfOurGroup()
                ? Samples.named(target.name(), target.attacker().user())
                : Samples.ofOthers(target.name());
        ObjectNode sample = samples.get(target.resource().kind());
        return sample == null ? named(target) : sample;
    }

    private static ObjectNode named(Target target) {
        ObjectNode object = NOTHING.deepCopy();
        object.put("apiVersion", target.resource().root().replaceFirst("^/apis?/", ""))
                .put("kind", target.resource().kind());
        object.withObject("/metadata").put("name", target.name());
        return object;
    }

    private Optional<ObjectNode> existing(Target target) {
        return target.isOfOurGroup()
                ? Optional.of(
                        (ObjectNode) Served.read(admin, target.resource().object(target.namespace(), target.name())))
                : Optional.empty();
    }
}
