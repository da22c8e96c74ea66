package io.trustedlaunch.access;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the chart installs by default. */
final class Installed {
    private static final KubernetesSerialization YAML = new KubernetesSerialization();
    private static final Path MANIFEST = Path.of("deploy/trusted-launch-operator.yaml");

    private Installed() {}

    static <T extends HasMetadata> Map<String, T> named(Class<T> kind) {
        return all(kind).stream()
                .collect(Collectors.toMap(object -> object.getMetadata().getName(), object -> object));
    }

    static <T extends HasMetadata> List<T> all(Class<T> kind) {
        return in(MANIFEST, kind).toList();
    }

    static <T extends HasMetadata> Stream<T> in(Path manifest, Class<T> kind) {
        try {
            return Arrays.stream(Files.readString(manifest).split("(?m)^---$"))
                    .filter(document -> document.contains("\nkind: " + kind.getSimpleName() + "\n"))
                    .map(document -> YAML.unmarshal(document, kind));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
