package io.trustedlaunch.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Everything that an API server lists, of whatever kind, as it goes over the wire. */
public final class ClusterObjects {
    private static final int PAGE = 250;

    private final KubernetesClient client;
    private final ObjectMapper json = new ObjectMapper();

    /** @param resource the plural, in its group: {@code secrets}, {@code vmincarnations.trustedlaunch.io} */
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
        for (Listed listed : listed()) {
            String next = "";
            do {
                JsonNode page = get(listed.path() + "?limit=" + PAGE + "&continue=" + next);
                page.path("items").forEach(item -> visitor.accept(nameOf(listed, item), item.toString()));
                next = page.path("metadata").path("continue").asText("");
            } while (!next.isEmpty());
        }
    }

    private record Listed(String path, String resource) {}

    private List<Listed> listed() {
        List<Listed> all = new ArrayList<>(listed("/api/v1", ""));
        get("/apis").path("groups").forEach(group -> {
            String version = group.path("preferredVersion").path("groupVersion").asText();
            all.addAll(listed("/apis/" + version, "." + group.path("name").asText()));
        });
        return all;
    }

    private List<Listed> listed(String groupPath, String suffix) {
        List<Listed> listed = new ArrayList<>();
        get(groupPath).path("resources").forEach(resource -> {
            String plural = resource.path("name").asText();
            for (JsonNode verb : resource.path("verbs")) {
                if (verb.asText().equals("list")) {
                    listed.add(new Listed(groupPath + "/" + plural, plural + suffix));
                }
            }
        });
        return listed;
    }

    private static Name nameOf(Listed listed, JsonNode item) {
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
