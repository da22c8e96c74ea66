package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.process.Informers;

/** Reports each change of the Leases in a namespace. They trigger no controller: they change too often. */
public final class LeaseWatch implements AutoCloseable {
    private final SharedIndexInformer<Lease> informer;

    /** @param listener of Leases that are there, change or go */
    public LeaseWatch(KubernetesClient client, String namespace, Listener listener) {
        informer = Informers.of(Lease.class, client.leases().inNamespace(namespace));
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Lease lease) {
                listener.seen(lease);
            }

            @Override
            public void onUpdate(Lease before, Lease now) {
                listener.seen(now);
            }

            @Override
            public void onDelete(Lease lease, boolean finalStateUnknown) {
                listener.deleted(lease);
            }
        });
        informer.run();
    }

    /** Called on any thread; must return quickly. */
    public interface Listener {
        void seen(Lease lease);

        void deleted(Lease lease);
    }

    @Override
    public void close() {
        informer.close();
    }
}
