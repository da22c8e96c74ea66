package io.trustedlaunch.api.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.Conditioned;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.Messages;
import java.util.List;

/**
 * Whether the location is the store that is meant, node by node for a folder.
 *
 * @param observedGeneration generation of the spec that this status describes; -1 until the location was seen
 * @param id spec.id, once a marker with it was seen; from then on none is made
 * @param bucketID ID of the marker in the bucket; absent if there is none, and for a folder
 * @param nodes the folder on each node that reports it; empty for a bucket
 * @param conditions the condition Ready;
 *     Stalled or Reconciling while it is not as its spec requests
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record BackupLocationStatus(
        Long observedGeneration,
        @Size(max = 36) String id,
        @Size(max = 36) String bucketID,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = BackupLocationStatus.MAX_NODES)
        List<Node> nodes,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions)
        implements Conditioned {
    /** As StorageLocationStatus. */
    private static final int MAX_NODES = 2048;

    public BackupLocationStatus {
        nodes = Lists.first(MAX_NODES, nodes);
        conditions = Lists.orEmpty(conditions);
    }

    /**
     * The folder on one node.
     *
     * @param nodeName name of the ClusterNode
     * @param ready its marker has spec.id
     * @param markerID ID of the marker there; absent if there is none
     * @param reason why it is not ready; only then
     * @param message why it is not ready, for people
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Node(
            @Size(max = 253) String nodeName,
            boolean ready,
            @Size(max = 36) String markerID,
            @Size(max = Messages.MAX_REASON) String reason,
            @Size(max = Node.MAX_MESSAGE) String message) {
        /** The status has all nodes: what is longer stands in the ClusterNode's own. */
        public static final int MAX_MESSAGE = 256;

        public Node {
            message = Messages.bounded(message, MAX_MESSAGE);
        }
    }
}
