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
 * Tells two lists of Leases apart by whose they are: those of agents, in the operator's namespace, and those of kubelets.
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
                String version = lease.getMetadata().getResourceVersion();
                if (name.startsWith(PREFIX)) {
                    agents.seen(name.substring(PREFIX.length()), version, boot(lease), renewed(lease));
                }
                liveness.seen(name, version);
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
                kubelets.seen(
                        lease.getMetadata().getName(),
                        lease.getMetadata().getResourceVersion(),
                        Optional.empty(),
                        renewed(lease));
            }

            @Override
            public void deleted(Lease lease) {
                kubelets.deleted(lease.getMetadata().getName());
            }
        };
    }

    /** For how long the host lived on after its agent was heard last: both times are of its own clock. */
    Duration unwatched(String node) {
        return agents.renewed(node)
                .flatMap(agent -> kubelets.renewed(node).map(kubelet -> Duration.between(agent, kubelet)))
                .filter(Duration::isPositive)
                .orElse(Duration.ZERO);
    }

    private static Optional<Instant> renewed(Lease lease) {
        return Optional.ofNullable(lease.getSpec()).map(LeaseSpec::getRenewTime).map(ZonedDateTime::toInstant);
    }

    private static Optional<String> boot(Lease lease) {
        return Optional.ofNullable(lease.getMetadata().getAnnotations())
                .map((Map<String, String> all) -> all.get(Api.BOOT_ID));
    }
}
