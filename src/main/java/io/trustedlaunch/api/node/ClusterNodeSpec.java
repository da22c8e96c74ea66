package io.trustedlaunch.api.node;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Schemas;

/**
 * The settings of an administrator for a host.
 *
 * @param address IP address or DNS name at which other nodes and consoles reach this one; it goes into the node's
 *     certificates. By default the agent finds it; status.address has the one in use
 * @param maintenance whether the node is taken out of service; default None
 * @param memoryForVMs bytes of memory that all VMs may use together, for example 96Gi, if the node's kubelet keeps as much
 *     from pods: see condition MemoryReserved. By default the host's memory less 2Gi, whatever pods use
 * @param fencing what a person says or wants of the host's death, so that its VMs start on other nodes
 * @param machineUUID UUID of the host's machine: power is cut of no other. The operator takes it over from
 *     status.machineUUID once the node is approved, and never changes it
 * @param allowNestedMigration guests with nested virtualization may migrate from this node although its processor is AMD's: for
 *     hosts on which a migration of such a guest was tested. Linux says that such a guest may not survive it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record ClusterNodeSpec(
        @Size(min = 1, max = 253) @ValidationRule(value = Schemas.ADDRESS, message = Schemas.ADDRESS_MESSAGE)
        String address,

        @Default("None") Maintenance maintenance,

        @ValidationRule(
                value = Schemas.MEMORY,
                message = "memoryForVMs must be between 64Mi and 64Ti, for example 96Gi")
        Quantity memoryForVMs,

        Fencing fencing,
        @Size(max = 36) @Pattern(Schemas.MACHINE_UUID) String machineUUID,
        Boolean allowNestedMigration) {

    /** The spec of a node whose machine the operator does not know yet. */
    public ClusterNodeSpec(String address, Maintenance maintenance, Quantity memoryForVMs, Fencing fencing) {
        this(address, maintenance, memoryForVMs, fencing, null, null);
    }

    /** How far a node is taken out of service. */
    public enum Maintenance {
        /** The node is in service. */
        None,
        /** The node takes no new VM; running VMs stay. */
        Cordon,
        /** The node takes no new VM, and its VMs are migrated to other nodes. */
        Drain
    }

    /**
     * An administrator's statement about the host's death, or request for it.
     *
     * @param statement that one boot of the host is over; written by kubectl tlvm fence
     * @param powerOff that the power of the host is cut; written by kubectl tlvm fence --power-off
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @ValidationRule(
            value = "!has(self.statement) || !has(self.powerOff)",
            message = "either statement or powerOff: remove the other")
    public record Fencing(Statement statement, PowerOff powerOff) {}

    /**
     * The word of a person who has seen that the host is off.
     *
     * @param bootID the boot that is over: status.answer.bootID of the ClusterNode
     * @param confirmedBy user name of the person, who must be the one that writes it
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Statement(
            @Required @Size(min = 1, max = 36) String bootID,
            @Required @Size(min = 1, max = 253) String confirmedBy) {}

    /**
     * That the fencer is to cut the host's power, and prove by it that the host is off.
     *
     * @param bootID the boot that is to end: status.answer.bootID of the ClusterNode
     * @param requestedBy user name of the person, who must be the one that writes it
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record PowerOff(
            @Required @Size(min = 1, max = 36) String bootID,
            @Required @Size(min = 1, max = 253) String requestedBy) {}
}
