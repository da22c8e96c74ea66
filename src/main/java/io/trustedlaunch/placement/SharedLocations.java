package io.trustedlaunch.placement;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which nodes are proved to have the same folder in a storage location. */
public final class SharedLocations {
    /** Nothing is proved: each node's folder counts as its own. */
    public static final SharedLocations NONE = new SharedLocations(Map.of());

    /**
     * Nodes that have one folder.
     *
     * @param locksShared whether a lock of one of them is seen on the others; empty if that is not known
     */
    public record Folder(Set<String> nodes, Optional<Boolean> locksShared) {}

    /** Maps a location's name to the folder of each node. A map, since all pairs of thousands of nodes are looked up. */
    private final Map<String, Map<String, Folder>> folderOfNode = new HashMap<>();

    /** @param folders by the location's name; no node is in two folders of one location */
    public SharedLocations(Map<String, List<Folder>> folders) {
        folders.forEach((location, all) -> {
            Map<String, Folder> byNode = new HashMap<>();
            all.forEach(folder -> folder.nodes().forEach(node -> byNode.put(node, folder)));
            folderOfNode.put(location, byNode);
        });
    }

    public boolean areOneFolder(String location, String node, String other) {
        return node.equals(other)
                || folder(location, node)
                        .filter(folder -> folder.nodes().contains(other))
                        .isPresent();
    }

    /** Whether other nodes see a lock that the node holds in the location; empty if that is not known. */
    Optional<Boolean> areLocksShared(String location, String node) {
        return folder(location, node).flatMap(Folder::locksShared);
    }

    private Optional<Folder> folder(String location, String node) {
        return Optional.ofNullable(folderOfNode.getOrDefault(location, Map.of()).get(node));
    }
}
