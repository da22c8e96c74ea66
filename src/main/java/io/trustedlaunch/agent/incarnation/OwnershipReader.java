package io.trustedlaunch.agent.incarnation;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.Optional;

/** Reads a VM with a plain GET, which the API server answers from storage and not from a watch cache. */
public record OwnershipReader(KubernetesClient client) implements Ownership.Reader {
    @Override
    public Ownership read(VmRef ref) {
        try {
            return Optional.ofNullable(client.resources(TrustedLaunchVM.class)
                            .inNamespace(ref.namespace())
                            .withName(ref.name())
                            .get())
                    .<Ownership>map(Ownership.Found::new)
                    .orElseGet(Ownership.Absent::new);
        } catch (KubernetesClientException e) {
            return new Ownership.Unread(e.getMessage());
        }
    }
}
