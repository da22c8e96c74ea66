package io.trustedlaunch.agent.imagesource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Optional;

/**
 * The manifest of an artifact with one layer, reduced to that layer.
 *
 * @param digest of the layer, prefixed with its algorithm
 */
record OciManifest(String digest, long bytes) {
    static final String MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json";
    static final String INDEX = "application/vnd.oci.image.index.v1+json";
    private static final int MAX_QUOTED = 100;

    /**
     * @param contentType of the response, used if the manifest does not state its type
     * @throws IllegalArgumentException if it is something else; the message says what
     */
    static OciManifest parse(byte[] json, Optional<String> contentType) {
        JsonNode manifest = tree(json);
        String type = manifest.path("mediaType").asText(contentType.orElse("")).strip();
        if (type.equals(INDEX) || manifest.path("manifests").isArray()) {
            throw new IllegalArgumentException("it is an index of "
                    + manifest.path("manifests").size() + " artifacts; reference one of them by its digest");
        }
        if (!type.equals(MEDIA_TYPE)) {
            throw new IllegalArgumentException(
                    "it is of type " + cut(type) + ", not " + MEDIA_TYPE + "; push the image's file with oras push");
        }
        JsonNode layers = manifest.path("layers");
        if (!layers.isArray() || layers.size() != 1) {
            throw new IllegalArgumentException("it has " + layers.size()
                    + " layers, but an image has one; push only the image's file with oras push");
        }
        JsonNode layer = layers.get(0);
        if (!layer.path("digest").isTextual()
                || !layer.path("size").canConvertToLong()
                || layer.path("size").asLong() < 1) {
            throw new IllegalArgumentException("its layer has no digest and size; push the image again with oras push");
        }
        return new OciManifest(layer.path("digest").asText(), layer.path("size").asLong());
    }

    private static JsonNode tree(byte[] json) {
        try {
            JsonNode tree = new ObjectMapper().readTree(json);
            if (tree.isObject()) {
                return tree;
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("its manifest is not JSON; push the image again with oras push", e);
        }
        throw new IllegalArgumentException("its manifest is not a JSON object; push the image again with oras push");
    }

    /** Makes a registry's text, which can be anything, fit for messages. */
    static String cut(String text) {
        String printable = text.replaceAll("[^ -~]", "?");
        return printable.length() <= MAX_QUOTED ? printable : printable.substring(0, MAX_QUOTED) + "…";
    }
}
