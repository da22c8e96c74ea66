package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;

/**
 * What is known of a catalog. For people: what counts is what the operator keeps, and verifies at each use.
 *
 * @param inForce absent if none is
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@SchemaCustomizer(value = MapLists.class, input = "conditions=type")
public record ImageCatalogStatus(Long observedGeneration, InForce inForce, List<Condition> conditions) {

    /**
     * The catalog that vouches for images now.
     *
     * @param images how many it lists
     * @param expires RFC 3339; from then on it vouches for nothing
     * @param keyId of the public key that verifies it
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record InForce(Long serial, Integer images, String expires, String keyId) {}
}
