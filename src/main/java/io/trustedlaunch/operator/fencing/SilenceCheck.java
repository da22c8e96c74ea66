package io.trustedlaunch.operator.fencing;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.util.Optional;

/**
 * The last look before silence is taken for what it seems to be: the watches may be late, and another process may lead by
 * now. A Lease that was renewed unseen counts as heard from then on.
 *
 * @param namespace the operator's own
 * @param leader identity of this process
 * @param leases reads Leases from the API server, and not from a cache
 * @param leading throws if this process does not lead
 */
public record SilenceCheck(HeardNodes heard, String namespace, String leader, LeaseReader leases, Runnable leading) {
    /** Reads one Lease. */
    @FunctionalInterface
    public interface LeaseReader {
        Optional<Lease> lease(String namespace, String name);
    }

    /** Whether neither the node's agent nor its kubelet was heard until now, for as long as it takes. */
    boolean isSilent(String node) {
        heard.found(
                node, leases.lease(namespace, HeardNodes.agentLease(node)), leases.lease(HeardNodes.KUBELETS, node));
        leading.run();
        return heard.silence(node).compareTo(FencePlanner.SILENCE) >= 0;
    }
}
