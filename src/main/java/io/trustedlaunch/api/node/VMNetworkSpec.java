package io.trustedlaunch.api.node;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.NamespaceRestricted;
import io.trustedlaunch.api.Schemas;
import java.util.List;

/**
 * Who may use a libvirt network, and what its VMs may send there.
 *
 * @param allowedNamespaces the namespaces whose VMs may use the network; if omitted, all. Checked at each start
 * @param trafficFilter libvirt network filter of each VM's network card, which every node must have; clean-traffic by
 *     default: IPv4 and ARP, and only with the card's own MAC address and one IP address, the first that it uses. None: no
 *     filter. A change applies from the next start of a VM
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record VMNetworkSpec(
        @Size(min = 1, max = 256) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<@Pattern(Schemas.DNS_LABEL) @Size(min = 1, max = 63) String> allowedNamespaces,

        @Default(VMNetworkSpec.CLEAN_TRAFFIC) @Pattern(Schemas.NETWORK_NAME) @Size(min = 1, max = 63)
        String trafficFilter)
        implements NamespaceRestricted {

    public static final String CLEAN_TRAFFIC = "clean-traffic";

    /** Takes the place of a filter's name. */
    public static final String NO_FILTER = "None";

    public VMNetworkSpec {
        allowedNamespaces = Lists.orEmpty(allowedNamespaces);
    }
}
