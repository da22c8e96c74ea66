package io.trustedlaunch.api.image;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Size;

/**
 * The image that the VM was created from.
 *
 * @param name name of the GuestImage
 * @param sha256 digest of the image, lower-case hexadecimal
 * @param provenance how the image's identity was proved
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record RecordedImage(
        @Size(max = 253) String name, @Size(max = 64) String sha256, Provenance provenance) {}
