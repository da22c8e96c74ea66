package io.trustedlaunch.agent.imagesource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OciManifestTest {
    private static final String LAYER = "{'mediaType': 'application/octet-stream', 'digest': 'sha256:aa', 'size': 7}";

    @Test
    void anArtifactOfOneLayerIsThatLayer() {
        OciManifest layer = new OciManifest("sha256:aa", 7);
        String layers = "'layers': [" + LAYER + "]";
        assertThat(parse("{'mediaType': '" + OciManifest.MEDIA_TYPE + "', " + layers + "}", "text/html"))
                .isEqualTo(layer);
        assertThat(parse("{'schemaVersion': 2, " + layers + "}", OciManifest.MEDIA_TYPE))
                .isEqualTo(layer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {'layers': []}                                                     | it has 0 layers
            {}                                                                 | it has 0 layers
            {'layers': {'digest': 'a'}}                                        | it has 1 layers
            {'layers': [{}, {}]}                                               | it has 2 layers
            {'layers': [{}]}                                                   | its layer has no digest and size
            {'layers': [{'digest': 'sha256:aa', 'size': 0}]}                   | its layer has no digest and size
            {'layers': [{'digest': 'sha256:aa', 'size': -1}]}                  | its layer has no digest and size
            {'layers': [{'digest': 'sha256:aa', 'size': 9223372036854775808}]} | its layer has no digest and size
            {'layers': [{'digest': 'sha256:aa', 'size': '7'}]}                 | its layer has no digest and size
            {'layers': [{'digest': 7, 'size': 7}]}                             | its layer has no digest and size
            {'manifests': [{}, {}]}                                            | it is an index of 2 artifacts; reference one of them
            {'mediaType': 'application/vnd.oci.image.index.v1+json'}           | it is an index of 0 artifacts
            {'mediaType': 'application/vnd.docker.distribution.manifest.v2+json'} | it is of type application/vnd.docker
            """)
    void otherManifestsAreRefusedWithTheReason(String json, String message) {
        assertThatThrownBy(() -> parse(json, OciManifest.MEDIA_TYPE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "null", "7", "{", "'a'", "{'a': 1, }"})
    void malformedManifestsAreRefused(String json) {
        assertThatThrownBy(() -> parse(json, OciManifest.MEDIA_TYPE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("its manifest is not");
    }

    @Test
    void deepNestingIsRefused() {
        assertThatThrownBy(() -> parse("[".repeat(1_000_000), OciManifest.MEDIA_TYPE))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void textOfARegistryIsQuotedShortAndInOneLine() {
        assertThat(OciManifest.cut("a\n\u202Eb" + "c".repeat(1000)))
                .startsWith("a??bc")
                .hasSizeLessThan(110);
    }

    private static OciManifest parse(String json, String contentType) {
        return OciManifest.parse(json.replace('\'', '"').getBytes(UTF_8), Optional.of(contentType));
    }
}
