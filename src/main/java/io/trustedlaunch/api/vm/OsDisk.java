package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.Schemas;

/**
 * The disk that the guest boots from: a copy of its image, grown to a size, or empty at first.
 *
 * @param size bytes of the disk, for example 128Gi; it may grow, which takes effect at the next start; it cannot
 *     shrink once the VM has a TPM
 * @param bus of this disk alone; if omitted, spec.diskBus; a change takes effect at the next start
 * @param source Image: the disk is a copy of the image in spec.imageRef. Empty: the guest installs itself from that image, which is
 *     a disc in a drive (spec.discs). Default Image; cannot change once the VM has a TPM
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OsDisk(
        @Required
        @ValidationRule(
                value = Schemas.DISK_SIZE,
                message = "osDisk.size must be between 1Mi and 64Ti, for example 128Gi")
        Quantity size,

        DiskBus bus,
        @Default("Image") OsDiskSource source) {
    public OsDisk {
        source = source == OsDiskSource.Image ? null : source;
    }

    /** A copy of its image, on the bus of the VM's disks. */
    public OsDisk(Quantity size) {
        this(size, null);
    }

    /** A copy of its image. */
    public OsDisk(Quantity size, DiskBus bus) {
        this(size, bus, null);
    }

    /** Nothing is on it before the guest's first start. */
    public boolean startsEmpty() {
        return source == OsDiskSource.Empty;
    }
}
