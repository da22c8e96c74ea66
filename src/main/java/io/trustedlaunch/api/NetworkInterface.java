package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * A network card.
 *
 * @param network the name of a network that the node offers (ClusterNode.status.networks)
 * @param macAddress only to bring an address along; left out, one is derived from the VM's UID and never changes
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record NetworkInterface(
        @Required @Size(min = 1, max = 32) @Pattern(Schemas.DNS_LABEL)
        String name,

        @Required @Size(min = 1, max = 63) @Pattern(Schemas.NETWORK_NAME)
        String network,

        @Pattern(Schemas.UNICAST_MAC) @Size(min = 17, max = 17)
        String macAddress) {}
