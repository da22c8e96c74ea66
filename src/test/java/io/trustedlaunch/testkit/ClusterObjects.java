package io.trustedlaunch.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** All objects of all kinds that an API server lists, as raw JSON. */
public final class ClusterObjects {
    private static final int PAGE = 250;

    private final KubernetesClient client;
    private final ObjectMapper json = new ObjectMapper();

    /** @param resource plural with its group: {@code secrets}, {@code vmincarnations.trustedlaunch.io} */
    public record Name(String resource, String namespace, String name) {
        @Override
        public String toString() {
            return resource + " " + (namespace.isEmpty() ? "" : namespace + "/") + name;
        }
    }

    ClusterObjects(KubernetesClient client) {
        this.client = client;
    }

    void forEach(BiConsumer<Name, String> visitor) {
        for (ListedResource listed : listed()) {
            String next = "";
            do {
                JsonNode page = get(listed.path() + "?limit=" + PAGE + "&continue=" + next);
                page.path("items").forEach(item -> visitor.accept(nameOf(listed, item), item.toString()));
                next = page.path("metadata").path("continue").asText("");
            } while (!next.isEmpty());
        }
    }

    private record ListedResource(String path, String resource) {}

    private List<ListedResource> listed() {
        List<ListedResource> all = new ArrayList<>(listed("/api/v1", ""));
        get("/apis").path("groups").forEach(group -> {
            String version = group.path("preferredVersion").path("groupVersion").asText();
            all.addAll(listed("/apis/" + version, "." + group.path("name").asText()));
        });
        return all;
    }

    private List<ListedResource> listed(String groupPath, String suffix) {
        List<ListedResource> listed = new ArrayList<>();
        get(groupPath).path("resources").forEach(resource -> {
            String plural = resource.path("name").asText();
            for (JsonNode verb : resource.path("verbs")) {
                if (verb.asText().equals("list")) {
                    listed.add(new ListedResource(groupPath + "/" + plural, plural + suffix));
                }
            }
        });
        return listed;
    }

    private static Name nameOf(ListedResource listed, JsonNode item) {
        JsonNode metadata = item.path("metadata");
        return new Name(
                listed.resource(),
                metadata.path("namespace").asText(""),
                metadata.path("name").asText(""));
    }

    private JsonNode get(String path) {
        try {
            return json.readTree(Optional.ofNullable(client.raw(path))
                    .orElseThrow(() -> new IllegalStateException("the API server does not serve " + path)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON at " + path, e);
        }
    }
}
