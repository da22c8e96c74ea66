package io.trustedlaunch.operator.location;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.StorageLocationStatus.Group;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import java.util.List;
import java.util.stream.Collectors;

/** Builds the condition LocksShared. */
record LocksCondition(List<Group> groups, Conditions conditions) {
    Condition condition() {
        List<Group> without = groups.stream()
                .filter(group -> Boolean.FALSE.equals(group.locksShared()))
                .toList();
        if (!without.isEmpty()) {
            return conditions.of(
                    ConditionType.LocksShared,
                    State.False,
                    Reason.LocksNotShared,
                    "a lock of one host is not seen on another among " + nodes(without)
                            + ": QEMU there does not notice that a disk is open elsewhere. Mount the file system so that"
                            + " locks work between hosts, for example NFS without nolock or local_lock; or give each of these"
                            + " nodes a FenceDevice");
        }
        List<Group> untested =
                groups.stream().filter(group -> group.locksShared() == null).toList();
        if (groups.isEmpty() || !untested.isEmpty()) {
            return conditions.of(
                    ConditionType.LocksShared,
                    State.Unknown,
                    Reason.LocksUntested,
                    groups.isEmpty()
                            ? "no nodes share the location, so no lock of one host could be seen on another"
                            : "whether a lock of one host is seen on the others was not tested yet among "
                                    + nodes(untested));
        }
        return conditions.of(
                ConditionType.LocksShared,
                State.True,
                Reason.LocksShared,
                "a lock of one host is seen on the others among " + nodes(groups));
    }

    private static String nodes(List<Group> groups) {
        return groups.stream()
                .map(group -> SharedCondition.some(group.nodeNames()))
                .collect(Collectors.joining("; "));
    }
}
