package io.trustedlaunch.operator.location;

import io.trustedlaunch.api.node.ClusterNodeStatus.Peer;
import io.trustedlaunch.api.node.StorageLocationStatus.Group;
import io.trustedlaunch.operator.location.LocationFacts.Report;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which nodes have the same folder: two nodes have it if each reads the other's file in it, with the token that the other
 * reports. This is transitive, so a chain of such pairs proves it for all its nodes.
 *
 * <p>Only a live agent can show that a folder is no longer the same. A node whose agent is down, whose location is not ready
 * or whose ClusterNode was deleted stays in its recorded group: a stopped VM must be able to start on another node exactly
 * when its node is gone.
 */
final class SharedFolders {
    private final Map<String, Report> reports;
    private final Map<String, Set<String>> folders = new TreeMap<>();

    private SharedFolders(List<Report> reports, List<Group> recorded, Set<String> nodes) {
        this.reports = reports.stream()
                .collect(Collectors.toMap(Report::nodeName, Function.identity(), (a, b) -> a, TreeMap::new));
        Stream.concat(
                        this.reports.keySet().stream(),
                        recorded.stream()
                                .flatMap(group -> group.nodeNames().stream())
                                .filter(node -> !nodes.contains(node)))
                .forEach(node -> folders.put(node, new TreeSet<>(Set.of(node))));
    }

    /**
     * @param recorded the last groups; nodes that no longer report the location are dropped
     * @param nodes that exist
     */
    static List<Group> of(List<Report> reports, List<Group> recorded, Set<String> nodes) {
        SharedFolders shared = new SharedFolders(reports, recorded, nodes);
        shared.joinNodesThatReadEachOther();
        recorded.forEach(shared::keepGroup);
        return shared.groups(recorded);
    }

    private void joinNodesThatReadEachOther() {
        for (Report report : reports.values()) {
            peers(report)
                    .filter(peer -> readsEachOther(report, peer))
                    .forEach(peer -> join(report.nodeName(), peer.nodeName()));
        }
    }

    private boolean readsEachOther(Report report, Peer peer) {
        Report other = reports.get(peer.nodeName());
        return other != null
                && other.ready()
                && report.seen().token() != null
                && peer.token().equals(other.seen().token())
                && peers(other)
                        .anyMatch(back -> back.nodeName().equals(report.nodeName())
                                && back.token().equals(report.seen().token()));
    }

    /** Living agents report it; if they say nothing, the record counts. One lock that is not seen is enough. */
    private Optional<Boolean> locksShared(Set<String> members, List<Group> recorded) {
        return reports.values().stream()
                .filter(report -> report.settled() && members.contains(report.nodeName()))
                .flatMap(SharedFolders::peers)
                .filter(peer -> members.contains(peer.nodeName()))
                .map(Peer::lockSeen)
                .filter(Objects::nonNull)
                .reduce(Boolean::logicalAnd)
                .or(() -> recorded.stream()
                        .filter(group -> group.nodeNames().stream().anyMatch(members::contains))
                        .map(Group::locksShared)
                        .filter(Objects::nonNull)
                        .reduce(Boolean::logicalAnd));
    }

    private static Stream<Peer> peers(Report report) {
        return report.ready() && report.seen().peers() != null ? report.seen().peers().stream() : Stream.empty();
    }

    /** Nodes without a live report stay with the rest of their group, unless that has split: then their folder is not known. */
    private void keepGroup(Group group) {
        List<String> members =
                group.nodeNames().stream().filter(folders::containsKey).toList();
        List<String> undecided = members.stream().filter(this::keepsItsGroup).toList();
        Set<Set<String>> decided = members.stream()
                .filter(member -> !undecided.contains(member))
                .map(folders::get)
                .collect(Collectors.toSet());
        if (undecided.isEmpty() || decided.size() > 1) {
            return;
        }
        String first = undecided.getFirst();
        undecided.forEach(member -> join(first, member));
        decided.stream().flatMap(Collection::stream).findFirst().ifPresent(member -> join(first, member));
    }

    /** Not if the node was just found to share its folder with another. */
    private boolean keepsItsGroup(String node) {
        Report report = reports.get(node);
        return folders.get(node).size() == 1 && !(report != null && report.ready() && report.settled());
    }

    private void join(String node, String other) {
        Set<String> joined = new TreeSet<>(folders.get(node));
        joined.addAll(folders.get(other));
        joined.forEach(member -> folders.put(member, joined));
    }

    private List<Group> groups(List<Group> recorded) {
        List<Group> groups = new ArrayList<>();
        folders.forEach((node, folder) -> Optional.of(folder)
                .filter(members -> members.size() > 1)
                .filter(members -> members.iterator().next().equals(node))
                .ifPresent(members -> groups.add(new Group(
                        List.copyOf(members), locksShared(members, recorded).orElse(null)))));
        return groups;
    }
}
