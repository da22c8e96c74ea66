package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.Schemas;

/**
 * The disk that the guest boots from: a copy of its image, grown to a size.
 *
 * @param size bytes of the disk, for example 128Gi; it may grow, which takes effect at the next start; it cannot
 *     shrink once the VM has a TPM
 * @param bus of this disk alone; if omitted, spec.diskBus; a change takes effect at the next start
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OsDisk(
        @Required
        @ValidationRule(
                value = Schemas.DISK_SIZE,
                message = "osDisk.size must be between 1Mi and 64Ti, for example 128Gi")
        Quantity size,

        DiskBus bus) {
    /** On the bus of the VM's disks. */
    public OsDisk(Quantity size) {
        this(size, null);
    }
}
