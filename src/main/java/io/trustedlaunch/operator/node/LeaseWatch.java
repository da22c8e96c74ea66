package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.function.Consumer;

/**
 * Reports each renewal of a Lease to {@link AgentLiveness} and {@link LeaderWatch}. Leases trigger no controller: they
 * change too often.
 */
public final class LeaseWatch implements AutoCloseable {
    private final SharedIndexInformer<Lease> informer;

    /** @param end called with the reason when this process can no longer lead */
    public LeaseWatch(
            KubernetesClient client,
            String namespace,
            AgentLiveness liveness,
            LeaderWatch leader,
            Consumer<String> end) {
        informer = client.leases().inNamespace(namespace).inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Lease lease) {
                liveness.seen(lease.getMetadata().getName(), lease.getMetadata().getResourceVersion());
                leader.seen(lease).ifPresent(end);
            }

            @Override
            public void onUpdate(Lease before, Lease now) {
                onAdd(now);
            }

            @Override
            public void onDelete(Lease lease, boolean finalStateUnknown) {
                liveness.deleted(lease.getMetadata().getName());
                leader.deleted(lease).ifPresent(end);
            }
        });
    }

    @Override
    public void close() {
        informer.close();
    }
}
