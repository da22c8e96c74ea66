package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Destroys each protection key once. The cache shows a Secret for a while after it is gone, and before that without its
 * finalizer, which looks like a Secret that is still to be deleted.
 */
final class KeyDestruction {
    private final ResourceWriter writer;

    /** The UIDs of the Secrets by name, until their VMs are forgotten. */
    private final Map<String, String> destroyed = new ConcurrentHashMap<>();

    KeyDestruction(ResourceWriter writer) {
        this.writer = writer;
    }

    void destroy(KeyFacts key) {
        switch (key) {
            case KeyFacts.Absent absent -> {}
            case KeyFacts.Held held -> destroy(held.secret());
            case KeyFacts.Invalid invalid -> destroy(invalid.secret());
        }
    }

    void forget(String name) {
        destroyed.remove(name);
    }

    private void destroy(Secret secret) {
        String uid = secret.getMetadata().getUid();
        if (uid.equals(destroyed.get(secret.getMetadata().getName()))) {
            return;
        }
        Secret withoutFinalizer =
                secret.hasFinalizer(Api.FINALIZER) ? writer.setFinalizers(secret, otherFinalizers(secret)) : secret;
        // If a user had deleted it before, it is gone with its finalizer.
        if (!secret.isMarkedForDeletion()) {
            writer.delete(withoutFinalizer);
        }
        destroyed.put(secret.getMetadata().getName(), uid);
    }

    private static List<String> otherFinalizers(Secret secret) {
        return secret.getFinalizers().stream()
                .filter(finalizer -> !finalizer.equals(Api.FINALIZER))
                .toList();
    }
}
