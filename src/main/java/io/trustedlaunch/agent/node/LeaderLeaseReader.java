package io.trustedlaunch.agent.node;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the API server's data is of now, by the leader's Lease as it is read with a plain GET. */
public record LeaderLeaseReader(KubernetesClient client, String namespace, MarkMemory marks)
        implements BooleanSupplier {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderLeaseReader.class);
    static final String LEADER_LEASE = "trusted-launch-operator";

    @Override
    public boolean getAsBoolean() {
        try {
            return Optional.ofNullable(client.leases()
                            .inNamespace(namespace)
                            .withName(LEADER_LEASE)
                            .get())
                    .filter(marks::isCurrent)
                    .isPresent();
        } catch (KubernetesClientException e) {
            LOG.debug("The leader Lease cannot be read: {}", e.getMessage());
            return false;
        }
    }
}
