package io.trustedlaunch.api.node;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ApiResource;
import io.trustedlaunch.api.vm.ConsoleKind;
import java.util.Optional;

/**
 * A host that runs trusted launch VMs, once it is enrolled. It has the name of the Kubernetes Node. The operator creates it
 * when the host's agent runs.
 */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("ClusterNode")
@Plural("clusternodes")
@Singular("clusternode")
@ShortNames("tlnode")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "Enrolled", jsonPath = ".status.conditions[?(@.type==\"Enrolled\")].status")
@AdditionalPrinterColumn(name = "Maintenance", jsonPath = ".spec.maintenance")
@AdditionalPrinterColumn(name = "Address", jsonPath = ".status.address")
@AdditionalPrinterColumn(name = "KVM", jsonPath = ".status.capabilities.hardwareVirtualization")
@AdditionalPrinterColumn(
        name = "Cores",
        jsonPath = ".status.capacity.cores",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Memory", jsonPath = ".status.capacity.memory")
@AdditionalPrinterColumn(name = "For VMs", jsonPath = ".spec.memoryForVMs", priority = 1)
@AdditionalPrinterColumn(
        name = "Reserved",
        jsonPath = ".status.conditions[?(@.type==\"MemoryReserved\")].status",
        priority = 1)
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
// Certificates name the address, so an agent must not choose it anew. A CEL rule, because it concerns spec and status.
@ValidationRule(
        value = "!has(self.status.address) ? !has(oldSelf.status.address)"
                + " : has(self.spec.address) && self.status.address == self.spec.address"
                + " || (has(oldSelf.status.address) ? self.status.address == oldSelf.status.address"
                + " : !has(self.spec.address))",
        fieldPath = ".status.address",
        message = "status.address changes only to spec.address: set that, or delete the ClusterNode")
public class ClusterNode extends ApiResource<ClusterNodeSpec, ClusterNodeStatus> {
    /** The boot from which its agent answered a leader last; empty if it never did. */
    public Optional<String> answeredBoot() {
        return status().map(ClusterNodeStatus::answer).map(ClusterNodeStatus.Answer::bootID);
    }

    /** Whether its agent can be reached by the clients of consoles and downloads. */
    public boolean offersConsoles() {
        return status().filter(status -> status.consolePort() != null && status.address() != null)
                .isPresent();
    }

    /** Whether its agent serves such consoles. */
    public boolean serves(ConsoleKind kind) {
        return kind == ConsoleKind.Serial
                || status().filter(status -> status.consoleKinds().contains(kind.name()))
                        .isPresent();
    }
}
