package io.trustedlaunch.api;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.HealthTable.Row;

/** What Flux makes of an object with the expressions of {@code examples/gitops/flux}: without one, what kstatus says. */
final class FluxHealth {
    private FluxHealth() {}

    static String of(Row row) {
        if (!row.kind().equals("ImageCatalog")) {
            return Kstatus.of(row);
        }
        if (row.stage().observed() != row.stage().generation()) {
            return "InProgress";
        }
        if (isTrue(row, "Stalled")) {
            return "Failed";
        }
        return isTrue(row, "Ready") && isTrue(row, "Current") ? "Current" : "InProgress";
    }

    private static boolean isTrue(Row row, String type) {
        return row.conditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .map(Condition::getStatus)
                .anyMatch("True"::equals);
    }
}
