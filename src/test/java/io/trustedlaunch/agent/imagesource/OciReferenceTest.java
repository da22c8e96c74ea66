package io.trustedlaunch.agent.imagesource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OciReferenceTest {
    private static final String DIGEST = "9f".repeat(32);

    @Test
    void aDigestIsPreferredToATag() {
        OciReference tagged = OciReference.parse("registry.example:5000/images/ws2022:20348.2700");
        assertThat(tagged.manifest())
                .hasToString("https://registry.example:5000/v2/images/ws2022/manifests/20348.2700");
        assertThat(tagged.blob("aa")).hasToString("https://registry.example:5000/v2/images/ws2022/blobs/sha256:aa");
        for (String text : new String[] {"localhost/a@sha256:" + DIGEST, "localhost/a:1@sha256:" + DIGEST}) {
            assertThat(OciReference.parse(text).manifest())
                    .hasToString("https://localhost/v2/a/manifests/sha256:" + DIGEST);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "a:1",
                "registry.example/a",
                "registry.example/a@sha256:9f",
                "https://registry.example/a:1",
                "user@registry.example/a:1",
                "registry.example/a:1?b",
                "registry.example/a:1#b",
                "registry.example/a b:1"
            })
    void malformedReferencesAreRefused(String text) {
        assertThatThrownBy(() -> OciReference.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
