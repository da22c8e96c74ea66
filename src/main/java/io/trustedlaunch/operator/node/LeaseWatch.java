package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.function.Consumer;

/** Tells {@link AgentLiveness} and {@link LeaderWatch} of every renewal. Leases wake nobody: they change all the time. */
public final class LeaseWatch implements AutoCloseable {
    private final SharedIndexInformer<Lease> informer;

    /** @param end what to do when this process can no longer be who it was; told why */
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
                liveness.gone(lease.getMetadata().getName());
                leader.gone(lease).ifPresent(end);
            }
        });
    }

    @Override
    public void close() {
        informer.close();
    }
}
