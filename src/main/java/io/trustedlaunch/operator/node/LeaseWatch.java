package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;

/** Tells {@link AgentLiveness} of every renewal. Leases wake nobody: they change all the time. */
public final class LeaseWatch implements AutoCloseable {
    private final SharedIndexInformer<Lease> informer;

    public LeaseWatch(KubernetesClient client, String namespace, AgentLiveness liveness) {
        informer = client.leases().inNamespace(namespace).inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Lease lease) {
                seen(liveness, lease);
            }

            @Override
            public void onUpdate(Lease before, Lease now) {
                seen(liveness, now);
            }

            @Override
            public void onDelete(Lease lease, boolean finalStateUnknown) {
                liveness.gone(lease.getMetadata().getName());
            }
        });
    }

    private static void seen(AgentLiveness liveness, Lease lease) {
        liveness.seen(lease.getMetadata().getName(), lease.getMetadata().getResourceVersion());
    }

    @Override
    public void close() {
        informer.close();
    }
}
