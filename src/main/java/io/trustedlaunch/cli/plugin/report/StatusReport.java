package io.trustedlaunch.cli.plugin.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Failover;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Fill;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Interface;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A VM's status as text. */
public final class StatusReport {
    static final String NO_STATUS = "no status yet: check that the operator is running";

    private static final int WIDTH = 13;
    private static final String LABEL = "%-" + WIDTH + "s %s";

    private final List<String> lines = new ArrayList<>();

    private StatusReport() {}

    /** @param migration the one in progress */
    public static Text of(TrustedLaunchVM vm, Optional<VMMigration> migration) {
        StatusReport report = new StatusReport();
        report.write(vm, vm.status(), migration);
        return new Text(report.lines);
    }

    private void write(TrustedLaunchVM vm, Optional<TrustedLaunchVMStatus> status, Optional<VMMigration> migration) {
        TrustedLaunchVMSpec spec = vm.getSpec();
        line("VM:", vm.getMetadata().getNamespace() + "/" + vm.getMetadata().getName());
        line("Phase:", status.map(TrustedLaunchVMStatus::phase).map(Enum::name).orElse(NO_STATUS));
        line("Run strategy:", String.valueOf(spec.runStrategy()));
        status.map(TrustedLaunchVMStatus::nodeName)
                .ifPresent(
                        node -> line("Node:", node + " (epoch " + status.get().epoch() + ")"));
        migration.ifPresent(known -> line("Migration:", MigrationLine.of(known)));
        line(
                "Image:",
                status.map(TrustedLaunchVMStatus::image)
                        .map(image ->
                                image.name() + ", sha256 " + image.sha256() + ", provenance " + image.provenance())
                        .orElseGet(() -> spec.imageRef().name()));
        status.map(TrustedLaunchVMStatus::vTPM)
                .ifPresent(tpm -> line(
                        "EK:",
                        "sha256 " + tpm.ekDigest()
                                + (tpm.ekCertificate() == null ? "" : ", certified by the cluster")));
        status.map(TrustedLaunchVMStatus::guestState).ifPresent(state -> line("Guest state:", guestState(state)));
        status.map(TrustedLaunchVMStatus::failover).ifPresent(failover -> line("Failover:", failover(failover)));
        status.map(TrustedLaunchVMStatus::diskFill).ifPresent(fill -> line("Disks:", filling(fill)));
        status.map(TrustedLaunchVMStatus::networkInterfaces).orElse(List.of()).forEach(nic -> line("NIC:", nic(nic)));
        status.map(TrustedLaunchVMStatus::conditions)
                .filter(conditions -> !conditions.isEmpty())
                .ifPresent(this::conditions);
    }

    private static String guestState(GuestState state) {
        List<String> parts = new ArrayList<>();
        if (state.newest() != null) {
            parts.add("newest " + state.newest() + ", sealed " + state.sealTime());
        }
        if (state.lagMilliseconds() != null) {
            parts.add("lag " + state.lagMilliseconds() + " ms");
        }
        if (state.floor() != null) {
            parts.add("oldest accepted " + state.floor());
        }
        if (state.approval() != null) {
            parts.add(state.approval().version() + " approved by "
                    + state.approval().approvedBy() + " for epoch "
                    + state.approval().forEpoch()
                    + Optional.ofNullable(state.approval().backup())
                            .map(backup -> ", from VMBackup " + backup)
                            .orElse(""));
        }
        if (state.lastWatched() != null) {
            parts.add("changed after " + state.lastWatched() + " while no agent was watching");
        }
        return String.join("; ", parts);
    }

    private static String failover(Failover failover) {
        String newest = failover.newest() == null
                ? ""
                : ", which had reported state " + failover.newest() + ", sealed " + failover.sealTime()
                        + (failover.lagMilliseconds() == null ? "" : ", lag " + failover.lagMilliseconds() + " ms");
        return "for epoch " + failover.toEpoch() + ", because nodefence/" + failover.fence() + " proved "
                + failover.fromNode() + " dead" + newest;
    }

    private static String filling(Fill fill) {
        return "filled from VMBackup " + fill.backup().name() + ", "
                + Optional.ofNullable(fill.progressPercent()).orElse(0) + " %, since " + fill.startTime();
    }

    private static String nic(Interface nic) {
        String addresses = nic.ipAddresses() == null ? "" : " " + String.join(" ", nic.ipAddresses());
        return nic.name() + " " + nic.macAddress() + addresses;
    }

    private void conditions(List<Condition> conditions) {
        lines.add("Conditions:");
        int width = conditions.stream()
                .mapToInt(condition -> condition.getType().length())
                .reduce(WIDTH, Math::max);
        String row = "  %-" + width + "s %-8s %s";
        Set<List<String>> printed = new HashSet<>();
        for (Condition condition : conditions) {
            lines.add(row.formatted(condition.getType(), condition.getStatus(), condition.getReason()));
            List<String> message = message(condition);
            boolean repeated = message.size() > 1 && !printed.add(message);
            (repeated ? List.of("same as above") : message).forEach(part -> lines.add("    " + part));
        }
    }

    /** A message about nodes gets a line for each part. */
    private static List<String> message(Condition condition) {
        if (condition.getMessage() == null || condition.getMessage().isEmpty()) {
            return List.of();
        }
        return condition.getReason().equals(Reason.NoNodeFits.name())
                ? List.of(condition.getMessage().split("; "))
                : List.of(condition.getMessage());
    }

    private void line(String label, String value) {
        lines.add(LABEL.formatted(label, value));
    }
}
