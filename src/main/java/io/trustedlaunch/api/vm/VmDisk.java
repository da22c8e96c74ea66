package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.DiskIdentity;

/**
 * A data disk in a VM's status.
 *
 * @param id which disk it is, as long as the VM exists; up to 20 characters of it are its serial number in the guest
 * @param name of its entry in spec.dataDisks
 * @param size bytes of the disk
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record VmDisk(
        @Size(max = DiskIdentity.MAX_LENGTH) String id,
        @Size(max = 32) String name,
        Quantity size) {}
