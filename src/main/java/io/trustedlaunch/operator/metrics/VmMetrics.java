package io.trustedlaunch.operator.metrics;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.EpochProgress;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Phase;
import io.trustedlaunch.metrics.Metric;
import io.trustedlaunch.metrics.Samples;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Numbers of VMs. None has a VM's name as a label: the agents' metrics of guests do, and each has few. */
record VmMetrics(Caches caches, boolean escrows) {
    private static final Metric VMS = Metric.gauge("trusted_launch_vms", "TrustedLaunchVMs by phase", "phase");

    private static final Metric CONDITIONS = Metric.gauge(
            "trusted_launch_vm_conditions",
            "TrustedLaunchVMs by their conditions; `docs/conditions.md` has the reasons",
            "condition",
            "status",
            "reason");

    private static final Metric OF_NODE =
            Metric.gauge("trusted_launch_node_vms", "TrustedLaunchVMs that are on the node", "node");

    private static final Metric SEAL_LAG = Metric.gauge(
            "trusted_launch_node_guest_state_seal_lag_seconds",
            "Of the running guests on the node, the longest time from the last change of a guest's state until it was"
                    + " durable at home",
            "node");

    private static final Metric UNWATCHED = Metric.gauge(
            "trusted_launch_vms_with_unwatched_change",
            "TrustedLaunchVMs whose guest state changed while no agent watched (status.guestState.lastWatched)");

    private static final Metric WITHOUT_ESCROW = Metric.gauge(
            "trusted_launch_vms_without_escrow",
            "VMIncarnations that have not ended and have no escrow; absent without a recovery certificate");

    private static final Metric PROBLEMS = Metric.gauge(
            "trusted_launch_incarnation_problems",
            "VMIncarnations by the reason that their agent reports, such as GuestStateNotSealed or TpmNotResponding; one that"
                    + " the operator does not know is Other",
            "reason");

    private static final Metric MIGRATIONS =
            Metric.gauge("trusted_launch_migrations", "VMMigrations that have not ended, by phase", "phase");

    private static final Set<Phase> UP = EnumSet.of(Phase.Running, Phase.Migrating);

    private static final Set<VMMigrationStatus.Phase> OPEN = EnumSet.of(
            VMMigrationStatus.Phase.Pending,
            VMMigrationStatus.Phase.Preparing,
            VMMigrationStatus.Phase.Migrating,
            VMMigrationStatus.Phase.HandingOver);

    private static final Set<String> REASONS =
            Stream.of(Reason.values()).map(Reason::name).collect(Collectors.toSet());

    void read(Samples samples) {
        for (Phase phase : Phase.values()) {
            samples.set(VMS, 0, phase.name());
        }
        samples.set(UNWATCHED, 0);
        caches.list(TrustedLaunchVM.class).forEach(vm -> vm(samples, vm.status()));
        if (escrows) {
            samples.set(WITHOUT_ESCROW, 0);
        }
        caches.list(VMIncarnation.class).forEach(incarnation -> incarnation(samples, incarnation));
        OPEN.forEach(phase -> samples.set(MIGRATIONS, 0, phase.name()));
        caches.list(VMMigration.class)
                .map(migration ->
                        migration.status().map(VMMigrationStatus::phase).orElse(VMMigrationStatus.Phase.Pending))
                .filter(OPEN::contains)
                .forEach(phase -> samples.count(MIGRATIONS, phase.name()));
    }

    private static void vm(Samples samples, Optional<TrustedLaunchVMStatus> status) {
        Phase phase = status.map(TrustedLaunchVMStatus::phase).orElse(Phase.Pending);
        samples.count(VMS, phase.name());
        if (status.isEmpty()) {
            return;
        }
        status.get()
                .conditions()
                .forEach(condition ->
                        samples.count(CONDITIONS, condition.getType(), condition.getStatus(), condition.getReason()));
        Optional<GuestState> state = status.map(TrustedLaunchVMStatus::guestState);
        if (state.map(GuestState::lastWatched).isPresent()) {
            samples.count(UNWATCHED);
        }
        status.map(TrustedLaunchVMStatus::nodeName).ifPresent(node -> {
            samples.count(OF_NODE, node);
            state.map(GuestState::lagMilliseconds)
                    .filter(lag -> UP.contains(phase))
                    .ifPresent(lag -> samples.max(SEAL_LAG, seconds(Duration.ofMillis(lag)), node));
        });
    }

    private void incarnation(Samples samples, VMIncarnation incarnation) {
        Optional<VMIncarnationStatus> status = incarnation.status();
        status.map(VMIncarnationStatus::reason).ifPresent(reason -> samples.count(PROBLEMS, known(reason)));
        boolean hasEnded = EpochProgress.reported(incarnation).isOver();
        if (escrows && !hasEnded && incarnation.getSpec().escrow() == null) {
            samples.count(WITHOUT_ESCROW);
        }
    }

    /** An agent may report any text, and each would be a series. */
    private static String known(String reason) {
        return REASONS.contains(reason) ? reason : "Other";
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
