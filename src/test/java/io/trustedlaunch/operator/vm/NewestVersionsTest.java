package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class NewestVersionsTest {
    private final ConfigMap old = map("a", "9");
    private final ConfigMap current = map("a", "10");
    private final ConfigMap other = map("b", "3");

    @Test
    void theNewestVersionOfEachObjectIsUsed() {
        assertThat(NewestVersions.of(List.of(old, other), List.of(current))).containsExactly(current, other);
        assertThat(NewestVersions.of(List.of(current), List.of(old, other))).containsExactly(current, other);
    }

    private static ConfigMap map(String name, String version) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withResourceVersion(version)
                .endMetadata()
                .build();
    }
}
