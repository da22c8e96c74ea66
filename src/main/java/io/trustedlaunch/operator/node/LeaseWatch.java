package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;

/** Reports each renewal of a Lease to {@link AgentLiveness}. Leases trigger no controller: they change too often. */
public final class LeaseWatch implements AutoCloseable {
    private final SharedIndexInformer<Lease> informer;

    public LeaseWatch(KubernetesClient client, String namespace, AgentLiveness liveness) {
        informer = client.leases().inNamespace(namespace).inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Lease lease) {
                liveness.seen(lease.getMetadata().getName(), lease.getMetadata().getResourceVersion());
            }

            @Override
            public void onUpdate(Lease before, Lease now) {
                onAdd(now);
            }

            @Override
            public void onDelete(Lease lease, boolean finalStateUnknown) {
                liveness.deleted(lease.getMetadata().getName());
            }
        });
    }

    @Override
    public void close() {
        informer.close();
    }
}
