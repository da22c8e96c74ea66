package io.trustedlaunch.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.trustedlaunch.api.Api;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Our labels, annotations and finalizers on an object, each of which the chart's table of writers must have for its kind. */
final class WrittenKeys {
    private static final String OURS = Api.GROUP + "/";
    private static final Set<String> ROWS = rows();

    private WrittenKeys() {}

    static void check(HasMetadata object) {
        ObjectMeta metadata = object.getMetadata();
        assertThat(Stream.of(
                                Optional.ofNullable(metadata.getLabels()).map(Map::keySet),
                                Optional.ofNullable(metadata.getAnnotations()).map(Map::keySet),
                                Optional.ofNullable(metadata.getFinalizers()))
                        .flatMap(Optional::stream)
                        .flatMap(Collection<String>::stream)
                        .filter(key -> key.startsWith(OURS))
                        .map(key -> key.substring(OURS.length()) + " on " + object.getPlural())
                        .toList())
                .as("keys that files/writers.yaml has for what is written")
                .isSubsetOf(ROWS);
    }

    private static Set<String> rows() {
        try {
            JsonNode table = new YAMLMapper()
                    .readTree(Path.of("helm/trusted-launch-operator/files/writers.yaml")
                            .toFile());
            Set<String> rows = new HashSet<>();
            table.get("keys")
                    .forEach(row -> row.get("resources")
                            .forEach(resource -> rows.add(row.get("key").asText() + " on " + resource.asText())));
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
