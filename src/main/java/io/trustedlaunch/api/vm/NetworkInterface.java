package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.trustedlaunch.api.Schemas;

/**
 * A network card. Once the VM has a TPM, cards come, go and change at the guest's next start.
 *
 * @param name unique within the VM
 * @param network name of a VMNetwork, and of the nodes' libvirt network that it offers; status.networks of a ClusterNode
 *     lists these
 * @param macAddress unicast MAC address with colons; by default one is derived from the VM's UID and the card's name; it cannot
 *     change once the VM has a TPM
 * @param linkState whether the guest sees a carrier; if omitted, Up
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NetworkInterface(
        @Required @Size(min = 1, max = 32) @Pattern(Schemas.DNS_LABEL)
        String name,

        @Required @Size(min = 1, max = 63) @Pattern(Schemas.NETWORK_NAME)
        String network,

        @Pattern(Schemas.UNICAST_MAC) @Size(min = 17, max = 17)
        String macAddress,

        LinkState linkState) {
    /** One that is connected. */
    public NetworkInterface(String name, String network, String macAddress) {
        this(name, network, macAddress, null);
    }

    public LinkState link() {
        return linkState == null ? LinkState.Up : linkState;
    }
}
