package io.trustedlaunch.api.node;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Required;
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

/**
 * Whether one boot of a host is proved dead, so that its VMs may start elsewhere. Only the operator creates and writes it;
 * people ask for it with kubectl tlvm fence.
 */
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
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.reason")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "Message", jsonPath = ".status.message", priority = 1)
public class NodeFence extends ApiResource<NodeFenceSpec, NodeFenceStatus> {
    private static final int BOOT_DIGITS = 8;

    /** The name of the fence for that boot: one at most is ever made. */
    public static String nameOf(String node, String bootID) {
        return node + "-" + bootID.substring(0, Math.min(BOOT_DIGITS, bootID.length()));
    }

    /** Requested, if nothing is on record yet. */
    public NodeFenceStatus.Phase phase() {
        return status().map(NodeFenceStatus::phase).orElse(NodeFenceStatus.Phase.Requested);
    }

    @Override
    @Required
    @ValidationRule(value = "self == oldSelf", message = "the spec of a NodeFence is immutable")
    public NodeFenceSpec getSpec() {
        return super.getSpec();
    }
}
