package io.trustedlaunch.api.node;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Schemas;

/**
 * Where the management controller of a node's machine is, and how it is asked.
 *
 * @param nodeName name of the node whose machine it controls; immutable
 * @param agent the program that switches the power
 * @param address of the management controller: an IPv4 address, an IPv6 address in brackets or a DNS name in lower case,
 *     and a port after a colon if it is another than usual. Its certificate names this address
 * @param systemsURI the machine in Redfish, for example /redfish/v1/Systems/1; by default the only one that the
 *     management controller has. Only with fence_redfish
 * @param secretRef a Secret in the namespace of the fencer with the keys username, password, nodeName and address, which
 *     are those of this object, and, for fence_redfish, ca.crt: the certificates, PEM, that the management controller's
 *     certificate is verified with
 * @param automatic the node is fenced when its agent and its kubelet are both silent; default false. Only with
 *     fence_redfish: over IPMI nothing proves which machine answers
 * @param isolationResponse what automatic fencing does with a silent host that still writes into a shared storage location;
 *     default PowerOff
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
@ValidationRule(
        value = "!has(self.systemsURI) || self.agent == 'fence_redfish'",
        message = "systemsURI is for agent fence_redfish only")
@ValidationRule(
        value = "!self.automatic || self.agent == 'fence_redfish'",
        message = "automatic needs agent fence_redfish: over IPMI nothing proves which machine answers")
public record FenceDeviceSpec(
        @Required
        @Size(min = 1, max = 253)
        @Pattern(Schemas.OBJECT_NAME)
        @ValidationRule(
                value = "self == oldSelf",
                message = "nodeName is immutable: delete the FenceDevice and create another")
        String nodeName,

        @Required Agent agent,

        @Required
        @Size(min = 1, max = 261)
        @ValidationRule(value = Schemas.ADDRESS_AND_PORT, message = Schemas.ADDRESS_AND_PORT_MESSAGE)
        String address,

        @Size(min = 1, max = 256) @Pattern(Schemas.REDFISH_PATH)
        String systemsURI,

        @Required ObjectRef secretRef,

        @Default("false") boolean automatic,
        @Default("PowerOff") IsolationResponse isolationResponse) {

    /** A program of the distribution's fence-agents. */
    public enum Agent {
        /** Redfish over TLS. */
        fence_redfish,
        /** IPMI over LAN. What it says proves nothing, and supports a person's statement. */
        fence_ipmilan
    }

    /** The treatment, by automatic fencing, of a host that runs and is cut off from the API server. */
    public enum IsolationResponse {
        /** Its power is cut like that of any other silent host. */
        PowerOff,
        /**
         * Its power is not cut while the agent of another node sees it write into a shared storage location: up to three
         * minutes after it has died.
         */
        LeavePoweredOn
    }
}
