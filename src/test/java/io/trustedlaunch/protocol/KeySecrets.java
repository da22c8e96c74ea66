package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.vm.DeletionPolicy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** The Secrets with VMs' keys, which an administrator deletes, and of which there are copies. */
final class KeySecrets {
    private final ClusterUnderTest cluster;
    private final Random random;
    private final Map<String, Secret> copies = new TreeMap<>();

    KeySecrets(ClusterUnderTest cluster, Random random) {
        this.cluster = cluster;
        this.random = random;
    }

    /** Its finalizer keeps it, or is removed, too. @return what happened; empty: there is none */
    String delete() {
        Optional<Secret> key =
                cluster.server.find(Secret.class, cluster.identity().toString());
        if (key.isEmpty() || key.get().isMarkedForDeletion()) {
            return ", which has none";
        }
        copies.put(key.get().getMetadata().getName(), key.get());
        boolean isKept = random.nextInt(3) == 0;
        if (isKept) {
            cluster.server.delete(key.get());
        } else {
            cluster.server.remove(key.get());
        }
        return isKept ? ", whose finalizer keeps it" : ": it is gone";
    }

    /** As docs/recovery.md tells an administrator to do it; from the one that is still there, if it is. */
    void putBack() {
        copies.values().stream().filter(this::isNeeded).forEach(copy -> {
            Optional<Secret> there =
                    cluster.server.find(Secret.class, copy.getMetadata().getName());
            if (there.filter(one -> !one.isMarkedForDeletion()).isEmpty()) {
                there.ifPresent(cluster.server::remove);
                Secret back = there.orElse(copy);
                back.getMetadata().setUid(null);
                back.getMetadata().setDeletionTimestamp(null);
                cluster.server.put(back);
            }
        });
    }

    /** Not that of a VM which is being erased, or was. */
    private boolean isNeeded(Secret copy) {
        return cluster.server
                .seen(TrustedLaunchVM.class)
                .filter(vm -> vm.identity().equals(copy.getMetadata().getName()))
                .anyMatch(vm -> !vm.isMarkedForDeletion() || vm.getSpec().deletionPolicy() == DeletionPolicy.Retain);
    }
}
