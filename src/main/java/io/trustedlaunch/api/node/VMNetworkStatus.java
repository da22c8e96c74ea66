package io.trustedlaunch.api.node;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.Conditioned;
import io.trustedlaunch.api.Lists;
import java.util.List;

/**
 * Which nodes have the network, as their agents report.
 *
 * @param observedGeneration generation of the spec that this status describes; -1 until the network was seen
 * @param nodes the enrolled nodes whose agents have reported, and whether they have it; sorted by name
 * @param conditions the condition Ready;
 *     Stalled or Reconciling while it is not as its spec requests
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record VMNetworkStatus(
        Long observedGeneration,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = VMNetworkStatus.MAX_NODES)
        List<Node> nodes,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions)
        implements Conditioned {
    /** As StorageLocationStatus. */
    private static final int MAX_NODES = 2048;

    public VMNetworkStatus {
        nodes = Lists.first(MAX_NODES, nodes);
        conditions = Lists.orEmpty(conditions);
    }

    /**
     * The network on one node.
     *
     * @param nodeName name of the ClusterNode
     * @param ready its libvirt has an active network of that name
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Node(@Size(max = 253) String nodeName, boolean ready) {}
}
