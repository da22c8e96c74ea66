package io.trustedlaunch.agent.node;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.Enrolment;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether another node takes part, as the API server says at that moment: a certificate cannot be revoked. While the API
 * server does not answer, its last answer counts; without one, the node does not take part.
 */
public final class EnrolledNodes implements Predicate<String> {
    private static final Logger LOG = LoggerFactory.getLogger(EnrolledNodes.class);

    private final Function<String, Optional<ClusterNodeStatus>> reader;
    private final Map<String, Boolean> answers = new ConcurrentHashMap<>();

    public EnrolledNodes(KubernetesClient client) {
        this(name -> Optional.ofNullable(
                        client.resources(ClusterNode.class).withName(name).get())
                .map(ClusterNode::getStatus));
    }

    /** @param reader of the status of the node's ClusterNode */
    EnrolledNodes(Function<String, Optional<ClusterNodeStatus>> reader) {
        this.reader = reader;
    }

    @Override
    public boolean test(String node) {
        try {
            boolean enrolled = Enrolment.isEnrolled(reader.apply(node));
            answers.put(node, enrolled);
            return enrolled;
        } catch (KubernetesClientException e) {
            boolean last = answers.getOrDefault(node, false);
            LOG.warn(
                    "Cannot read whether node {} is enrolled, so that it counts as {}: {}",
                    node,
                    last ? "enrolled, as before" : "not enrolled",
                    e.getMessage());
            return last;
        }
    }
}
