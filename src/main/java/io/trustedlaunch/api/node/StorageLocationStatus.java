package io.trustedlaunch.api.node;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.Conditioned;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.Messages;
import java.util.List;

/**
 * The agents' reports about the location.
 *
 * @param observedGeneration generation of the spec that this status describes; -1 until the location was seen
 * @param nodes the location on each node that reports it
 * @param groups nodes that were proved to have one and the same folder; a node in no group is not known to share it
 * @param conditions the conditions Ready, Restricted, Shared and LocksShared;
 *     Stalled or Reconciling while it is not as its spec requests
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record StorageLocationStatus(
        Long observedGeneration,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = StorageLocationStatus.MAX_NODES)
        List<Node> nodes,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = StorageLocationStatus.MAX_NODES)
        List<Group> groups,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions)
        implements Conditioned {
    /** More than a cluster of Kubernetes has that an etcd's object can list. */
    private static final int MAX_NODES = 2048;

    public StorageLocationStatus {
        nodes = Lists.orEmpty(nodes);
        groups = Lists.orEmpty(groups);
        conditions = Lists.orEmpty(conditions);
    }

    /**
     * The location on one node.
     *
     * @param nodeName name of the ClusterNode
     * @param ready the folder is there, restricted, and can be written
     * @param reason why it is not ready; only then
     * @param message why it is not ready, for people
     * @param freeSpace free bytes, rounded; refreshed when it is wrong by a tenth
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Node(
            @Size(max = 253) String nodeName,
            boolean ready,
            @Size(max = Messages.MAX_REASON) String reason,
            @Size(max = Node.MAX_MESSAGE) String message,
            Quantity freeSpace) {
        /** The status has all nodes: what is longer stands in the ClusterNode's own. */
        public static final int MAX_MESSAGE = 256;

        public Node {
            message = Messages.bounded(message, MAX_MESSAGE);
        }
    }

    /**
     * Nodes that share a folder.
     *
     * @param nodeNames at least two, sorted. A node whose agent is not alive stays in its group
     * @param locksShared whether a lock that one of them holds in the folder is seen on the others; absent until that was tested
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Group(
            @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = StorageLocationStatus.MAX_NODES)
            List<@Size(max = 253) String> nodeNames,

            Boolean locksShared) {
        /** Their locks were not tested yet. */
        public Group(List<String> nodeNames) {
            this(nodeNames, null);
        }

        public Group {
            nodeNames = Lists.orEmpty(nodeNames);
        }
    }
}
