package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.node.ClusterNodeStatus.Domain;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.custody.Mark;
import io.trustedlaunch.testkit.Nodes;
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
        return with(silent(name), Nodes.answerTo(LEADER, domains));
    }

    static ClusterNode answered(String name, Mark mark) {
        return with(silent(name), new Answer(LEADER, Nodes.BOOT, mark.toString(), List.of()));
    }

    /** Its hypervisor cannot list its VMs. */
    static ClusterNode remembering(String name, Mark mark) {
        return with(silent(name), new Answer(LEADER, Nodes.BOOT, mark.toString(), null));
    }

    private static ClusterNode with(ClusterNode node, Answer answer) {
        node.setStatus(ClusterNodeStatusBuilder.builder().answer(answer).build());
        return node;
    }
}
