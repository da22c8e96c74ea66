package io.trustedlaunch.operator.location;

import io.trustedlaunch.api.ClusterNodeStatus.Peer;
import io.trustedlaunch.api.StorageLocationStatus.Group;
import io.trustedlaunch.operator.location.LocationFacts.Report;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which nodes have one and the same folder: those of whom each reads the other's file, with the token that the other says
 * is its own. To have the same folder is transitive, so that a chain of such pairs proves it for all of them.
 *
 * <p>Only agents that live can tell that a folder is no longer the same. Of a node that is silent, has the location not
 * ready, or has no ClusterNode any more, what was recorded last still holds: a stopped VM is to start elsewhere just when
 * its node is gone.
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
     * @param recorded what was found last; nodes that no longer report the location fall out
     * @param nodes that there are
     */
    static List<Group> of(List<Report> reports, List<Group> recorded, Set<String> nodes) {
        SharedFolders shared = new SharedFolders(reports, recorded, nodes);
        shared.joinThoseWhoReadEachOther();
        recorded.forEach(shared::keepThoseWhoCannotTell);
        return shared.groups();
    }

    private void joinThoseWhoReadEachOther() {
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
                        .anyMatch(new Peer(report.nodeName(), report.seen().token())::equals);
    }

    private static Stream<Peer> peers(Report report) {
        return report.ready() && report.seen().peers() != null ? report.seen().peers().stream() : Stream.empty();
    }

    /** They stay with those of their group who can tell, unless these have come apart: whose folder it is, is open then. */
    private void keepThoseWhoCannotTell(Group group) {
        List<String> members =
                group.nodeNames().stream().filter(folders::containsKey).toList();
        List<String> mute = members.stream().filter(this::cannotTell).toList();
        Set<Set<String>> told = members.stream()
                .filter(member -> !mute.contains(member))
                .map(folders::get)
                .collect(Collectors.toSet());
        if (mute.isEmpty() || told.size() > 1) {
            return;
        }
        String first = mute.getFirst();
        mute.forEach(member -> join(first, member));
        told.stream().flatMap(Collection::stream).findFirst().ifPresent(member -> join(first, member));
    }

    /** Whoever is found to share with somebody has told by that. */
    private boolean cannotTell(String node) {
        Report report = reports.get(node);
        return folders.get(node).size() == 1 && !(report != null && report.ready() && report.settled());
    }

    private void join(String node, String other) {
        Set<String> joined = new TreeSet<>(folders.get(node));
        joined.addAll(folders.get(other));
        joined.forEach(member -> folders.put(member, joined));
    }

    private List<Group> groups() {
        List<Group> groups = new ArrayList<>();
        folders.forEach((node, folder) -> Optional.of(folder)
                .filter(members -> members.size() > 1)
                .filter(members -> members.iterator().next().equals(node))
                .ifPresent(members -> groups.add(new Group(List.copyOf(members)))));
        return groups;
    }
}
