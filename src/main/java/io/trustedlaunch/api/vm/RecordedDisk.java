package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.DiskIdentity;
import java.util.Optional;

/**
 * A data disk on record.
 *
 * @param name name of the disk
 * @param size bytes of the disk
 * @param epoch the one that added it; absent if the VM was created with it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RecordedDisk(
        @Required @Size(max = 32) String name,
        @Required Quantity size,
        @Min(1) Long epoch) {

    /** One that the VM was created with. */
    public RecordedDisk(String name, Quantity size) {
        this(name, size, null);
    }

    public DiskIdentity identity() {
        return new DiskIdentity(name, Optional.ofNullable(epoch));
    }

    public long bytes() {
        return ByteSize.of(size);
    }
}
