package io.trustedlaunch.placement;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which nodes were proved to have one and the same folder in a storage location.
 *
 * @param groups by the location's name; no node is in two groups of one location
 */
public record SharedLocations(Map<String, List<Set<String>>> groups) {
    /** Nothing is proved: every folder is taken for its node's own. */
    public static final SharedLocations NONE = new SharedLocations(Map.of());

    boolean areOneFolder(String location, String node, String other) {
        return node.equals(other)
                || groups.getOrDefault(location, List.of()).stream()
                        .anyMatch(group -> group.contains(node) && group.contains(other));
    }
}
