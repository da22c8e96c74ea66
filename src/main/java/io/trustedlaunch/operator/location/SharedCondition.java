package io.trustedlaunch.operator.location;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.StorageLocationStatus.Group;
import io.trustedlaunch.operator.kube.Conditions;
import io.trustedlaunch.operator.kube.Conditions.State;
import io.trustedlaunch.operator.location.LocationFacts.Report;
import java.util.ArrayList;
import java.util.List;

/** From who shares a location to what is said of it. */
record SharedCondition(List<Report> ready, List<Group> groups, Conditions conditions) {
    private static final int MOST_NAMES = 10;

    Condition condition() {
        List<String> names = ready.stream().map(Report::nodeName).toList();
        if (names.isEmpty()) {
            return unproved("no node has the location ready");
        }
        if (names.size() == 1) {
            return unproved("only " + names.getFirst() + " has the location ready: there is nobody to share it with");
        }
        if (groups.stream().anyMatch(group -> group.nodeNames().containsAll(names))) {
            return conditions.of(
                    ConditionType.Shared, State.True, Reason.LocationShared, "one folder on " + some(names));
        }
        List<String> alone =
                names.stream().filter(name -> !sharesWithSomebody(name)).toList();
        boolean early = ready.stream().anyMatch(report -> !report.settled() && alone.contains(report.nodeName()));
        return early
                ? unproved("the agents have not had the time to read each other's files: " + folders(alone))
                : conditions.of(ConditionType.Shared, State.False, Reason.LocationNotShared, folders(alone));
    }

    private boolean sharesWithSomebody(String name) {
        return groups.stream().anyMatch(group -> group.nodeNames().contains(name));
    }

    private Condition unproved(String message) {
        return conditions.of(ConditionType.Shared, State.Unknown, Reason.LocationSharingUnproved, message);
    }

    private String folders(List<String> alone) {
        List<String> parts = new ArrayList<>();
        groups.forEach(group -> parts.add("one folder on " + some(group.nodeNames())));
        if (!alone.isEmpty()) {
            parts.add("a folder of its own, as far as is known, on " + some(alone));
        }
        return String.join("; ", parts);
    }

    private static String some(List<String> names) {
        String first = String.join(", ", names.subList(0, Math.min(names.size(), MOST_NAMES)));
        return names.size() <= MOST_NAMES ? first : first + " and " + (names.size() - MOST_NAMES) + " more";
    }
}
