package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.Schemas;

/**
 * The disk that the guest boots from: a copy of its image, grown to a size.
 *
 * @param size bytes of the disk, for example 128Gi; it may grow, which takes effect at the next start; it cannot
 *     shrink once the VM has a TPM
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record OsDisk(
        @Required
        @ValidationRule(
                value = Schemas.DISK_SIZE,
                message = "osDisk.size must be between 1Mi and 64Ti, for example 128Gi")
        Quantity size) {}
