package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;

/**
 * What an administrator says of a host. The agent creates the object with its first guess; from then on only people
 * change it.
 *
 * @param address where other nodes reach this one: an IP address or a DNS name; goes into its certificates
 * @param maintenance {@code Cordon}: takes no new VM; {@code Drain}: is to be emptied
 * @param memoryForVMs how much memory VMs may use in all; left out: what the host has, less two GiB
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ClusterNodeSpec(
        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(value = Schemas.ADDRESS, message = "address must be an IP address or a DNS name in lower case")
        String address,

        @Default("None") Maintenance maintenance,

        @ValidationRule(
                value = Schemas.MEMORY,
                message = "memoryForVMs must be between 64Mi and 64Ti, for example 96Gi")
        Quantity memoryForVMs) {

    /** Whether and how far a host is taken out of service. */
    public enum Maintenance {
        None,
        Cordon,
        Drain
    }
}
