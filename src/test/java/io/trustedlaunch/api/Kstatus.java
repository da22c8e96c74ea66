package io.trustedlaunch.api;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.HealthTable.Row;

/** The rules of sigs.k8s.io/cli-utils for kinds that it does not know, so that unit tests need no other program. */
final class Kstatus {
    private Kstatus() {}

    static String of(Row row) {
        if (row.stage().isDeleted()) {
            return "Terminating";
        }
        if (row.stage().observed() != row.stage().generation()) {
            return "InProgress";
        }
        for (Condition condition : row.conditions()) {
            if (condition.getType().equals("Reconciling")
                    && condition.getStatus().equals("True")) {
                return "InProgress";
            }
            if (condition.getType().equals("Stalled") && condition.getStatus().equals("True")) {
                return "Failed";
            }
        }
        return row.conditions().stream()
                        .filter(condition -> condition.getType().equals("Ready"))
                        .allMatch(condition -> condition.getStatus().equals("True"))
                ? "Current"
                : "InProgress";
    }
}
