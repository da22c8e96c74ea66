package io.trustedlaunch.operator.location;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.StorageLocationStatus.Group;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.operator.location.LocationFacts.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Builds the condition Shared. */
record SharedCondition(List<Report> ready, List<Group> groups, Conditions conditions) {
    private static final int MOST_NAMES = 10;

    Condition condition() {
        List<String> names = ready.stream().map(Report::nodeName).toList();
        if (names.isEmpty()) {
            return unknown("no node has the location ready; see condition Ready");
        }
        if (names.size() == 1) {
            return unknown("only " + names.getFirst() + " has the location ready; no other node can share it yet");
        }
        if (groups.stream().anyMatch(group -> group.nodeNames().containsAll(names))) {
            return conditions.of(
                    ConditionType.Shared, State.True, Reason.LocationShared, "one folder on " + some(names));
        }
        List<String> alone = names.stream().filter(name -> !isShared(name)).toList();
        boolean settling = ready.stream().anyMatch(report -> !report.settled() && alone.contains(report.nodeName()));
        Condition notShared = conditions.of(
                ConditionType.Shared,
                State.False,
                Reason.LocationNotShared,
                folders(alone) + "; to share the folder, mount the same file system on all of them");
        // An operator that has just started does not know how long the agents have been there, and the last one did.
        return settling && !isOnRecord(notShared)
                ? unknown("the agents have not had enough time to read each other's files: " + folders(alone))
                : notShared;
    }

    private boolean isOnRecord(Condition condition) {
        return conditions.before(ConditionType.Shared).equals(Optional.of(condition));
    }

    private boolean isShared(String name) {
        return groups.stream().anyMatch(group -> group.nodeNames().contains(name));
    }

    private Condition unknown(String message) {
        return conditions.of(ConditionType.Shared, State.Unknown, Reason.LocationSharingUnproved, message);
    }

    private String folders(List<String> alone) {
        List<String> parts = new ArrayList<>();
        groups.forEach(group -> parts.add("one folder on " + some(group.nodeNames())));
        if (!alone.isEmpty()) {
            parts.add("not proved to be shared on " + some(alone));
        }
        return String.join("; ", parts);
    }

    static String some(List<String> names) {
        String first = String.join(", ", names.subList(0, Math.min(names.size(), MOST_NAMES)));
        return names.size() <= MOST_NAMES ? first : first + " and " + (names.size() - MOST_NAMES) + " more";
    }
}
