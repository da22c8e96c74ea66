package io.trustedlaunch.api;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** Internal: the proof, or the attempt to prove, that one boot of one host is over. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("NodeFence")
@Plural("nodefences")
@Singular("nodefence")
@ShortNames("tlfence")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "Node", jsonPath = ".spec.nodeName")
@AdditionalPrinterColumn(name = "Method", jsonPath = ".spec.method")
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class NodeFence extends CustomResource<NodeFenceSpec, NodeFenceStatus> {
    @Override
    @Required
    public NodeFenceSpec getSpec() {
        return super.getSpec();
    }

    @Override
    protected NodeFenceSpec initSpec() {
        return null;
    }

    @Override
    protected NodeFenceStatus initStatus() {
        return null;
    }
}
