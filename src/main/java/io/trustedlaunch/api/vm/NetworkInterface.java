package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.trustedlaunch.api.Schemas;

/**
 * A network card.
 *
 * @param name unique within the VM
 * @param network name of a VMNetwork, and of the nodes' libvirt network that it offers; status.networks of a ClusterNode
 *     lists these
 * @param macAddress unicast MAC address with colons; by default one is derived from the VM's UID, which never changes
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record NetworkInterface(
        @Required @Size(min = 1, max = 32) @Pattern(Schemas.DNS_LABEL)
        String name,

        @Required @Size(min = 1, max = 63) @Pattern(Schemas.NETWORK_NAME)
        String network,

        @Pattern(Schemas.UNICAST_MAC) @Size(min = 17, max = 17)
        String macAddress) {}
