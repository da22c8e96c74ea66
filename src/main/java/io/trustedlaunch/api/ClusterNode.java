package io.trustedlaunch.api;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A host that runs trusted launch VMs; its name is the Kubernetes node's. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("ClusterNode")
@Plural("clusternodes")
@Singular("clusternode")
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "Maintenance", jsonPath = ".spec.maintenance")
@AdditionalPrinterColumn(name = "Address", jsonPath = ".spec.address")
@AdditionalPrinterColumn(name = "KVM", jsonPath = ".status.capabilities.hardwareVirtualization")
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class ClusterNode extends CustomResource<ClusterNodeSpec, ClusterNodeStatus> {
    @Override
    @Required
    public ClusterNodeSpec getSpec() {
        return super.getSpec();
    }

    @Override
    protected ClusterNodeSpec initSpec() {
        return null;
    }

    @Override
    protected ClusterNodeStatus initStatus() {
        return null;
    }
}
