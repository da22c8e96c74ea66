package io.trustedlaunch.cli.plugin.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.cli.plugin.download.PartFile;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Collects what the API server says of the product: its objects, the nodes, the operator's workloads, events, logs and versions. It
 * reads no Secret and no ConfigMap. What cannot be read is named in the archive, and the rest is there.
 *
 * @param namespace of which objects and events are collected, besides the operator's; empty: all
 * @param logLines of each container, the last ones
 */
public record SupportBundle(
        KubernetesClient client, String operatorNamespace, Optional<String> namespace, int logLines, String versions) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PAGE = 250;

    /**
     * @param entries files in the archive
     * @param missing what could not be read, and why
     */
    public record Collected(int entries, List<String> missing) {}

    /** Reads one thing, and says why not if the API server does not give it. */
    private interface Read<T> {
        T now() throws IOException;
    }

    /** @throws KubernetesClientException if the API server cannot be reached */
    public Collected into(PartFile file) throws IOException {
        try (BundleFile bundle = new BundleFile(file)) {
            bundle.add(
                    "versions.txt",
                    versions
                            + read(bundle, "the API server's version", () -> get("/version"))
                                    .map(version -> "api server: "
                                            + version.path("gitVersion").asText() + "\n")
                                    .orElse(""));
            addOwnKinds(bundle);
            add(bundle, "nodes", "/api/v1/nodes");
            for (String kind : List.of("deployments", "daemonsets")) {
                add(bundle, kind, "/apis/apps/v1/namespaces/" + operatorNamespace + "/" + kind);
            }
            List<ObjectNode> pods = add(bundle, "pods", "/api/v1/namespaces/" + operatorNamespace + "/pods");
            addEvents(bundle);
            for (ObjectNode pod : pods) {
                addLogs(bundle, pod);
            }
            bundle.publish();
            return new Collected(bundle.entries(), bundle.missing());
        }
    }

    private void addOwnKinds(BundleFile bundle) throws IOException {
        Optional<JsonNode> kinds = read(bundle, "the kinds of " + Api.GROUP, () -> {
            String version = get("/apis/" + Api.GROUP)
                    .path("preferredVersion")
                    .path("groupVersion")
                    .asText();
            return get("/apis/" + version);
        });
        for (JsonNode kind : kinds.map(found -> found.path("resources")).orElse(JSON.createArrayNode())) {
            String plural = kind.path("name").asText();
            if (plural.contains("/")) {
                continue;
            }
            String group = "/apis/" + kinds.get().path("groupVersion").asText();
            for (String scope : scopes(kind.path("namespaced").asBoolean())) {
                add(
                        bundle,
                        plural + (scope.isEmpty() || namespace.isEmpty() ? "" : "-" + scope),
                        group + (scope.isEmpty() ? "" : "/namespaces/" + scope) + "/" + plural);
            }
        }
    }

    /** Namespaces to list in; an empty one is the whole cluster. */
    private List<String> scopes(boolean namespaced) {
        return namespaced && namespace.isPresent()
                ? Stream.of(namespace.get(), operatorNamespace).distinct().toList()
                : List.of("");
    }

    /** Returns what was read, redacted. */
    private List<ObjectNode> add(BundleFile bundle, String name, String path) throws IOException {
        List<ObjectNode> objects =
                read(bundle, name + " (" + path + ")", () -> list(path)).orElse(List.of());
        objects.forEach(Redaction::of);
        if (!objects.isEmpty()) {
            StringBuilder text = new StringBuilder();
            objects.forEach(object -> text.append(Serialization.asYaml(object)));
            bundle.add("objects/" + name + ".yaml", text.toString());
        }
        return objects;
    }

    private List<ObjectNode> list(String path) throws IOException {
        List<ObjectNode> all = new ArrayList<>();
        String next = "";
        do {
            JsonNode page = get(path + "?limit=" + PAGE
                    + (next.isEmpty() ? "" : "&continue=" + URLEncoder.encode(next, StandardCharsets.UTF_8)));
            for (JsonNode item : page.path("items")) {
                if (item instanceof ObjectNode object) {
                    all.add(object);
                }
            }
            next = page.path("metadata").path("continue").asText();
        } while (!next.isEmpty());
        return all;
    }

    /** Of the product's objects, and all of the operator's namespace. */
    private void addEvents(BundleFile bundle) throws IOException {
        List<ObjectNode> events = new ArrayList<>();
        for (String scope : scopes(true)) {
            String path = "/api/v1" + (scope.isEmpty() ? "" : "/namespaces/" + scope) + "/events";
            events.addAll(
                    read(bundle, "events (" + path + ")", () -> list(path)).orElse(List.of()));
        }
        List<String> lines = events.stream()
                .filter(event -> event.path("involvedObject")
                                .path("apiVersion")
                                .asText()
                                .startsWith(Api.GROUP + "/")
                        || event.path("metadata").path("namespace").asText().equals(operatorNamespace))
                .sorted(Comparator.comparing(SupportBundle::time))
                .map(SupportBundle::line)
                .toList();
        bundle.add("events.txt", String.join("", lines));
    }

    private static String time(JsonNode event) {
        return Stream.of("lastTimestamp", "eventTime", "firstTimestamp")
                .map(field -> event.path(field).asText(""))
                .filter(time -> !time.isEmpty() && !time.equals("null"))
                .findFirst()
                .orElse("-");
    }

    private static String line(JsonNode event) {
        JsonNode object = event.path("involvedObject");
        return Messages.printable(Redaction.text("%s %s %s %s %s/%s %s"
                        .formatted(
                                time(event),
                                event.path("type").asText(),
                                event.path("reason").asText(),
                                object.path("kind").asText(),
                                object.path("namespace").asText("-"),
                                object.path("name").asText(),
                                event.path("message").asText())))
                + "\n";
    }

    private void addLogs(BundleFile bundle, ObjectNode pod) throws IOException {
        String name = pod.path("metadata").path("name").asText();
        for (JsonNode container : pod.path("status").path("containerStatuses")) {
            String of = name + "/" + container.path("name").asText();
            String path =
                    "/api/v1/namespaces/" + operatorNamespace + "/pods/" + name + "/log?timestamps=true&tailLines="
                            + logLines + "&container=" + container.path("name").asText();
            addLog(bundle, "logs/" + of + ".log", path);
            if (container.path("restartCount").asInt() > 0) {
                addLog(bundle, "logs/" + of + ".previous.log", path + "&previous=true");
            }
        }
    }

    private void addLog(BundleFile bundle, String name, String path) throws IOException {
        Optional<String> log = read(
                bundle,
                name,
                () -> Optional.ofNullable(client.raw(path)).orElseThrow(() -> new IOException("it is not there")));
        if (log.isPresent()) {
            bundle.add(name, Redaction.text(log.get()));
        }
    }

    private JsonNode get(String path) throws IOException {
        String answer = client.raw(path);
        if (answer == null) {
            throw new IOException("it is not there");
        }
        try {
            return JSON.readTree(answer);
        } catch (JsonProcessingException e) {
            throw new IOException("the answer is no JSON", e);
        }
    }

    /** Empty, and noted as missing, if the API server refuses or does not have it. */
    private <T> Optional<T> read(BundleFile bundle, String what, Read<T> read) {
        try {
            return Optional.of(read.now());
        } catch (KubernetesClientException e) {
            if (e.getCode() == 0) {
                throw e;
            }
            bundle.missing(what + ": "
                    + (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
                            ? "you may not read it"
                            : "the API server answered " + e.getCode()));
        } catch (IOException e) {
            bundle.missing(what + ": " + e.getMessage());
        }
        return Optional.empty();
    }
}
