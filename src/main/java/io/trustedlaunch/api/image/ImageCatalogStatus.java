package io.trustedlaunch.api.image;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.Conditioned;
import io.trustedlaunch.api.Lists;
import java.util.List;

/**
 * The observed state of a catalog. For people: the operator keeps the catalog itself and verifies it at each use.
 *
 * @param observedGeneration generation of the spec that this status describes; -1 until the catalog was seen
 * @param inForce the last catalog that was read with a valid signature; absent if there is none, or it has expired
 * @param conditions the conditions Ready and Current;
 *     Stalled or Reconciling while it is not as its spec requests
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ImageCatalogStatus(
        Long observedGeneration,
        InForce inForce,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions)
        implements Conditioned {
    public ImageCatalogStatus {
        conditions = Lists.orEmpty(conditions);
    }

    /**
     * The catalog that proves images now.
     *
     * @param serial serial number of the catalog; a catalog with a lower one is not accepted
     * @param images number of images that it lists
     * @param expirationTime when it expires; then it proves nothing
     * @param keyId identifier of the public key that verifies it
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record InForce(
            Long serial,
            Integer images,
            String expirationTime,
            @Size(max = 128) String keyId) {}
}
