package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ClusterNodeStatus.Domain;
import io.trustedlaunch.api.ClusterNodeStatus.Inventory;
import io.trustedlaunch.api.ClusterNodeStatus.LastMark;
import io.trustedlaunch.api.ClusterNodeStatusBuilder;
import io.trustedlaunch.custody.Mark;
import java.util.List;

/** Nodes as they have answered the leader, or not. */
public final class Answers {
    public static final String LEADER = "me";

    private Answers() {}

    public static ClusterNode silent(String name) {
        ClusterNode node = new ClusterNode();
        node.setMetadata(new ObjectMetaBuilder().withName(name).build());
        return node;
    }

    /** It remembers no mark. */
    public static ClusterNode answered(String name, Domain... domains) {
        return with(
                silent(name),
                ClusterNodeStatusBuilder.builder()
                        .inventory(new Inventory(LEADER, List.of(domains)))
                        .lastMark(new LastMark(LEADER, null))
                        .build());
    }

    static ClusterNode answered(String name, Mark mark) {
        return with(silent(name), status().lastMark(remembered(mark)).build());
    }

    /** Its hypervisor cannot list its VMs. */
    static ClusterNode remembering(String name, Mark mark) {
        return with(
                silent(name),
                ClusterNodeStatusBuilder.builder().lastMark(remembered(mark)).build());
    }

    private static LastMark remembered(Mark mark) {
        return new LastMark(LEADER, mark.toString());
    }

    private static ClusterNodeStatusBuilder status() {
        return ClusterNodeStatusBuilder.builder().inventory(new Inventory(LEADER, List.of()));
    }

    private static ClusterNode with(ClusterNode node, ClusterNodeStatus status) {
        node.setStatus(status);
        return node;
    }
}
