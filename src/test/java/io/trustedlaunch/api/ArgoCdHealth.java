package io.trustedlaunch.api;

import io.trustedlaunch.api.HealthTable.Row;

/** The rules of {@code examples/gitops/argocd/health.lua}, so that unit tests need no interpreter. */
final class ArgoCdHealth {
    private ArgoCdHealth() {}

    static String of(Row row) {
        return switch (Kstatus.of(row)) {
            case "Current" -> "Healthy";
            case "Failed" -> "Degraded";
            // Argo CD itself says of what is being deleted that it is in progress.
            case "InProgress", "Terminating" -> "Progressing";
            default -> throw new IllegalStateException(row.toString());
        };
    }
}
