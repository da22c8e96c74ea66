package io.trustedlaunch.placement;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which nodes are proved to have the same folder in a storage location. */
public final class SharedLocations {
    /** Nothing is proved: each node's folder counts as its own. */
    public static final SharedLocations NONE = new SharedLocations(Map.of());

    /** By the location's name: the group of each node. A map, since all pairs of thousands of nodes are looked up. */
    private final Map<String, Map<String, Set<String>>> groupOfNode = new HashMap<>();

    /** @param groups by the location's name; no node is in two groups of one location */
    public SharedLocations(Map<String, List<Set<String>>> groups) {
        groups.forEach((location, all) -> {
            Map<String, Set<String>> byNode = new HashMap<>();
            all.forEach(group -> group.forEach(node -> byNode.put(node, group)));
            groupOfNode.put(location, byNode);
        });
    }

    public boolean areOneFolder(String location, String node, String other) {
        return node.equals(other)
                || groupOfNode
                        .getOrDefault(location, Map.of())
                        .getOrDefault(node, Set.of())
                        .contains(other);
    }
}
