package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.Schemas;

/**
 * A further disk, made empty at the first start.
 *
 * @param name unique within the VM; the guest sees it as the disk's serial number
 * @param size bytes of the disk, for example 200Gi; it may grow, which takes effect at the next start; it cannot shrink once
 *     the VM has a TPM
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record DataDisk(
        @Required @Size(min = 1, max = 32) @Pattern(Schemas.DNS_LABEL)
        String name,

        @Required
        @ValidationRule(
                value = Schemas.DISK_SIZE,
                message = "the size of a data disk must be between 1Mi and 64Ti, for example 200Gi")
        Quantity size) {}
