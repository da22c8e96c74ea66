package io.trustedlaunch.operator.fencing;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.LeaseWatch;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.Optional;

/**
 * Distinguishes two lists of Leases by their owners: those of agents, in the operator's namespace, and those of kubelets.
 *
 * @param agents the history of the agents' Leases
 * @param kubelets the history of the kubelets' Leases
 */
public record HeardNodes(LeaseHistory agents, LeaseHistory kubelets) {
    /** Where kubelets keep their Leases, each with the name of its Node. */
    public static final String KUBELETS = "kube-node-lease";

    private static final String PREFIX = "node-";

    public LeaseWatch.Listener agents(AgentLiveness liveness) {
        return new LeaseWatch.Listener() {
            @Override
            public void seen(Lease lease) {
                String name = lease.getMetadata().getName();
                agents.answered();
                if (name.startsWith(PREFIX)) {
                    sawAgent(name.substring(PREFIX.length()), lease);
                }
                liveness.seen(name, lease.getMetadata().getResourceVersion());
            }

            @Override
            public void deleted(Lease lease) {
                String name = lease.getMetadata().getName();
                if (name.startsWith(PREFIX)) {
                    agents.deleted(name.substring(PREFIX.length()));
                }
                liveness.deleted(name);
            }
        };
    }

    public LeaseWatch.Listener ofKubelets() {
        return new LeaseWatch.Listener() {
            @Override
            public void seen(Lease lease) {
                sawKubelet(lease.getMetadata().getName(), lease);
            }

            @Override
            public void deleted(Lease lease) {
                kubelets.deleted(lease.getMetadata().getName());
            }
        };
    }

    /** The time that the host lived on after its agent was heard last: both times are of its own clock. */
    Duration unwatched(String node) {
        return agents.renewed(node)
                .flatMap(agent -> kubelets.renewed(node).map(kubelet -> Duration.between(agent, kubelet)))
                .filter(Duration::isPositive)
                .orElse(Duration.ZERO);
    }

    private void sawAgent(String node, Lease lease) {
        agents.seen(node, lease.getMetadata().getResourceVersion(), boot(lease), renewed(lease));
    }

    private void sawKubelet(String node, Lease lease) {
        kubelets.seen(node, lease.getMetadata().getResourceVersion(), Optional.empty(), renewed(lease));
    }

    /** The Lease's name in the operator's namespace. */
    static String agentLease(String node) {
        return PREFIX + node;
    }

    /** The time for which neither was heard. */
    Duration silence(String node) {
        Duration agent = agents.silence(node);
        Duration kubelet = kubelets.silence(node);
        return agent.compareTo(kubelet) < 0 ? agent : kubelet;
    }

    /**
     * The time for which silence counts. The watch of the kubelets' Leases may have none to bring; what it missed of a node is
     * found when that node's Lease is read again.
     */
    Duration watched() {
        return agents.watched();
    }

    /** Takes over the Leases of a node that were read just now, whatever the watches have brought. */
    void found(String node, Optional<Lease> agent, Optional<Lease> kubelet) {
        if (!agents.version(node).equals(agent.map(HeardNodes::version))) {
            agent.ifPresentOrElse(lease -> sawAgent(node, lease), () -> agents.deleted(node));
        }
        if (!kubelets.version(node).equals(kubelet.map(HeardNodes::version))) {
            kubelet.ifPresentOrElse(lease -> sawKubelet(node, lease), () -> kubelets.deleted(node));
        }
    }

    private static String version(Lease lease) {
        return lease.getMetadata().getResourceVersion();
    }

    private static Optional<Instant> renewed(Lease lease) {
        return Optional.ofNullable(lease.getSpec()).map(LeaseSpec::getRenewTime).map(ZonedDateTime::toInstant);
    }

    private static Optional<String> boot(Lease lease) {
        return Optional.ofNullable(lease.getMetadata().getAnnotations())
                .map((Map<String, String> all) -> all.get(Api.BOOT_ID));
    }
}
