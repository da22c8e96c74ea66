package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.controller.ResourceWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The maintenance that each node had last, in a ConfigMap. A host on which someone works must not take VMs only because its
 * ClusterNode was deleted.
 */
final class MaintenanceMemory {
    private final String namespace;
    private final Supplier<Optional<ConfigMap>> reader;
    private final ResourceWriter writer;
    /** The value that was last read or written. */
    private Optional<Map<String, String>> known = Optional.empty();

    /**
     * @param namespace the operator's own
     * @param reader reads the ConfigMap from the API server
     */
    MaintenanceMemory(String namespace, Supplier<Optional<ConfigMap>> reader, ResourceWriter writer) {
        this.namespace = namespace;
        this.reader = reader;
        this.writer = writer;
    }

    /** Writes only what has changed. Nodes in service have no entry. */
    synchronized void keep(String node, Maintenance maintenance) {
        Optional<String> entry = Optional.ofNullable(maintenance)
                .filter(kept -> kept != Maintenance.None)
                .map(Maintenance::name);
        Map<String, String> before = known.orElseGet(this::read);
        if (entry.equals(Optional.ofNullable(before.get(node)))) {
            return;
        }
        known = Optional.empty();
        ConfigMap stored = reader.get().orElseGet(() -> writer.createIfAbsent(empty()));
        Map<String, String> change = new HashMap<>();
        change.put(node, entry.orElse(null));
        known = Optional.of(data(writer.mergeData(stored, change)));
    }

    /** Read from the API server. A value of a later version counts as a cordon. */
    synchronized Maintenance of(String node) {
        String name = read().getOrDefault(node, Maintenance.None.name());
        return Stream.of(Maintenance.values())
                .filter(value -> value.name().equals(name))
                .findFirst()
                .orElse(Maintenance.Cordon);
    }

    private Map<String, String> read() {
        Map<String, String> data = reader.get().map(MaintenanceMemory::data).orElseGet(Map::of);
        known = Optional.of(data);
        return data;
    }

    private static Map<String, String> data(ConfigMap stored) {
        return Optional.ofNullable(stored.getData()).orElseGet(Map::of);
    }

    private ConfigMap empty() {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(EnrolmentReconciler.MAINTENANCE)
                .endMetadata()
                .build();
    }
}
