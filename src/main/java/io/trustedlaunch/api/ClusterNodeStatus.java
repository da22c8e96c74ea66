package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;

/**
 * What an agent proved of its host.
 *
 * @param sealingCertificate PEM; what is confidential reaches the node only sealed to this certificate
 * @param migrationPort TCP port at which the agent takes part in live migrations; absent while it cannot
 * @param consolePort TCP port at which the agent lets clients of VMConsoles in; absent while it does not
 * @param networks the names of the networks that VMs can be attached to here
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@SchemaCustomizer(value = MapLists.class, input = "conditions=type")
public record ClusterNodeStatus(
        Long observedGeneration,
        Capabilities capabilities,
        Capacity capacity,
        Versions versions,
        List<String> networks,
        List<Location> storageLocations,
        String sealingCertificate,
        Inventory inventory,
        List<Condition> conditions,
        Integer migrationPort,
        Integer consolePort) {
    public boolean isNotReadyFor(Reason reason) {
        return conditions != null
                && ConditionType.Ready.in(conditions)
                        .filter(ready -> ready.getReason().equals(reason.name())
                                && !ready.getStatus().equals("True"))
                        .isPresent();
    }

    /**
     * Each proved by doing it.
     *
     * @param vTPM a throw-away encrypted swtpm was made and its EK read
     * @param secureBoot firmware with Secure Boot and enrolled keys is offered by libvirt
     * @param hardwareVirtualization KVM works
     * @param emulation the agent was allowed to run VMs without KVM
     * @param virtualizationBasedSecurity IOMMU, nested virtualization and Hyper-V enlightenments are there
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Capabilities(
            boolean vTPM,
            boolean secureBoot,
            boolean hardwareVirtualization,
            boolean emulation,
            boolean virtualizationBasedSecurity) {}

    /** What the host has in all. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Capacity(int cores, Quantity memory) {}

    /** What runs on the host. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Versions(String agent, String libvirt, String qemu, String swtpm) {}

    /**
     * A storage location as this host sees it. {@code reason} and {@code message} say why it is not ready.
     *
     * @param freeSpace rounded; what was told stays until it is wrong by a tenth
     * @param token what the agent signs its file in the location with: whoever reads it has the same folder
     * @param peers agents whose files in the location are being rewritten, as read here; of many only the nearest by
     *     name, which is enough to find out who has the same folder
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Location(
            String name,
            boolean ready,
            String reason,
            String message,
            Quantity freeSpace,
            String token,
            List<Peer> peers) {}

    /** Another node's agent, as its file in a storage location names it; a claim until its own status bears it out. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Peer(String nodeName, String token) {}

    /**
     * The VMs that had something on the host, a domain or a kept state, when it answered an operator that had just begun
     * to lead, each with its latest epoch. It is written once a
     * term, so that starting a VM costs no write here; the incarnations say what happened since.
     *
     * @param answers the holder identity of the operator's leader Lease that this inventory answers
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Inventory(String answers, List<Domain> domains) {}

    /** A domain that carries the mark of a VM. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Domain(String vmUID, long epoch) {}
}
