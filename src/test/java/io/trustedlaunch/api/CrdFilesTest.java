package io.trustedlaunch.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.testkit.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrdFilesTest {
    @ParameterizedTest
    @ValueSource(strings = {"crds", "helm/trusted-launch-operator/crds"})
    void theCommittedDefinitionsAreTheGeneratedOnes(String folder) throws IOException {
        GeneratedCrds.all().forEach((name, content) -> Golden.check(Path.of(folder, name), content));
        try (var files = Files.list(Path.of(folder))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .as("files in %s", folder)
                    .containsExactlyInAnyOrderElementsOf(GeneratedCrds.all().keySet());
        }
    }

    @Test
    void everyKindOfTheApiIsPublished() throws IOException {
        try (var files = Files.list(Path.of("target/crds"))) {
            assertThat(files.count()).isEqualTo(GeneratedCrds.KINDS.size());
        }
        assertThat(List.copyOf(GeneratedCrds.all().keySet())).contains("trustedlaunch.io_trustedlaunchvms.yaml");
    }
}
