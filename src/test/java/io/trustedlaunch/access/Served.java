package io.trustedlaunch.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What an API server serves, as it says itself. */
final class Served {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Served() {}

    /**
     * @param root of its API group and version: {@code /apis/apps/v1}
     * @param name with its subresource: {@code deployments/scale}
     */
    record Resource(String root, String name, String kind, boolean namespaced, List<String> verbs) {
        boolean isSubresource() {
            return name.contains("/");
        }

        String plural() {
            return name.split("/")[0];
        }

        String collection(String namespace) {
            return root + (namespaced ? "/namespaces/" + namespace : "") + "/" + plural();
        }

        /** Of this object, or of its subresource. */
        String object(String namespace, String object) {
            String path = collection(namespace) + "/" + object;
            return isSubresource() ? path + name.substring(plural().length()) : path;
        }
    }

    static List<Resource> everything(KubernetesClient client) {
        List<Resource> resources = new ArrayList<>(of(client, "/api/v1"));
        for (JsonNode group : read(client, "/apis").path("groups")) {
            for (JsonNode version : group.path("versions")) {
                resources.addAll(
                        of(client, "/apis/" + version.path("groupVersion").asText()));
            }
        }
        return resources;
    }

    static List<Resource> of(KubernetesClient client, String root) {
        List<Resource> resources = new ArrayList<>();
        for (JsonNode resource : read(client, root).path("resources")) {
            List<String> verbs = new ArrayList<>();
            resource.path("verbs").forEach(verb -> verbs.add(verb.asText()));
            resources.add(new Resource(
                    root,
                    resource.path("name").asText(),
                    resource.path("kind").asText(),
                    resource.path("namespaced").asBoolean(),
                    List.copyOf(verbs)));
        }
        return resources;
    }

    static Stream<Resource> subresources(KubernetesClient client, String root) {
        return of(client, root).stream().filter(Resource::isSubresource);
    }

    static JsonNode read(KubernetesClient client, String path) {
        try {
            return JSON.readTree(client.raw(path));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
