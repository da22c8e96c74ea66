package io.trustedlaunch.operator.vm;

import io.trustedlaunch.operator.kube.ApiReader;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The UID of the cluster: that of its namespace kube-system, which every cluster has from its beginning to its end. A cluster
 * whose data was restored keeps it.
 */
final class ClusterIdentity implements Supplier<String> {
    private static final String NAMESPACE = "kube-system";

    private final ApiReader reader;
    private Optional<String> known = Optional.empty();

    ClusterIdentity(ApiReader reader) {
        this.reader = reader;
    }

    @Override
    public synchronized String get() {
        if (known.isEmpty()) {
            known = reader.namespaceUid(NAMESPACE);
        }
        return known.orElseThrow(() -> new IllegalStateException("the cluster has no namespace " + NAMESPACE));
    }
}
