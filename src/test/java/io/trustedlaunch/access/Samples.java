package io.trustedlaunch.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/** A small object of each kind that the API server takes. */
final class Samples {
    private static final YAMLMapper YAML = new YAMLMapper();

    private Samples() {}

    /**
     * By kind, with this name.
     *
     * @param user who creates a VMConsole or a VMBackupDownload
     */
    static Map<String, ObjectNode> named(String name, String user) {
        return in("samples.yaml", name, user);
    }

    /** Of kinds of others, where a request would otherwise not come as far as to be refused by a policy. */
    static Map<String, ObjectNode> ofOthers(String name) {
        return in("other-samples.yaml", name, "");
    }

    private static Map<String, ObjectNode> in(String resource, String name, String user) {
        Map<String, ObjectNode> samples = new TreeMap<>();
        try (InputStream file = Samples.class.getResourceAsStream(resource)) {
            String text =
                    new String(file.readAllBytes(), UTF_8).replace("NAME", name).replace("USER", user);
            for (String document : text.split("(?m)^---$")) {
                ObjectNode sample = (ObjectNode) YAML.readTree(document);
                sample.putObject("metadata").put("name", name);
                samples.put(sample.path("kind").asText(), sample);
            }
            return samples;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
