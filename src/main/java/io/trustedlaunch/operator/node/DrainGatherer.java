package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.EvictionStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.operator.incarnation.NodeUse;
import io.trustedlaunch.operator.node.DrainFacts.Guest;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads which VMs are on a node, and which migrations the drain has created for them. */
final class DrainGatherer {
    private static final String UNKNOWN = "it is not known yet whether the VM can be migrated";

    private final DrainCaches caches;
    private final DrainBudget budget;
    private final InstantSource clock;

    DrainGatherer(DrainCaches caches, DrainBudget budget, InstantSource clock) {
        this.caches = caches;
        this.budget = budget;
        this.clock = clock;
    }

    DrainFacts gather(ClusterNode node) {
        String name = node.getMetadata().getName();
        List<VMMigration> all = caches.migrations();
        List<VMMigration> underway = all.stream()
                .filter(DrainFacts::isUnderway)
                .filter(this::isOfADrain)
                .toList();
        Map<String, VMIncarnation> byVm = caches.incarnationsOn(name).stream()
                .filter(NodeUse::needsNode)
                .collect(Collectors.toMap(
                        incarnation -> incarnation.getSpec().vmRef().uid(), Function.identity(), DrainGatherer::later));
        return DrainFactsBuilder.builder()
                .node(node)
                .evicted(caches.isEvicted(name))
                .guests(byVm.values().stream()
                        .map(incarnation -> guest(incarnation, all))
                        .toList())
                .migrations(of(name, all))
                .underwayHere(of(name, underway).size())
                .underway(underway.size())
                .budget(budget)
                .now(clock.instant())
                .build();
    }

    private static List<VMMigration> of(String node, List<VMMigration> migrations) {
        return migrations.stream()
                .filter(migration -> label(migration).equals(Optional.of(DrainName.label(node))))
                .toList();
    }

    /** A migration from another node than its label names is no drain's: users can set labels. */
    private boolean isOfADrain(VMMigration migration) {
        Optional<String> label = label(migration);
        return label.isPresent() && label.equals(source(migration).map(DrainName::label));
    }

    /** A migration without a status has just been created, and leaves the node that its VM is on. */
    private Optional<String> source(VMMigration migration) {
        return migration
                .status()
                .map(VMMigrationStatus::sourceNode)
                .or(() -> caches.vm(
                                migration.getMetadata().getNamespace(),
                                migration.getSpec().vmRef().name())
                        .map(TrustedLaunchVM::getStatus)
                        .map(TrustedLaunchVMStatus::nodeName));
    }

    private static Optional<String> label(VMMigration migration) {
        return Optional.ofNullable(migration.getMetadata().getLabels()).map(labels -> labels.get(Api.LABEL_DRAIN));
    }

    private static VMIncarnation later(VMIncarnation one, VMIncarnation other) {
        return one.getSpec().epoch() > other.getSpec().epoch() ? one : other;
    }

    private Guest guest(VMIncarnation incarnation, List<VMMigration> all) {
        VmRef reference = incarnation.getSpec().vmRef();
        Optional<TrustedLaunchVM> vm = caches.vm(reference.namespace(), reference.name())
                .filter(found -> found.getMetadata().getUid().equals(reference.owner()));
        Optional<TrustedLaunchVMStatus> status = vm.map(found -> found.getStatus());
        return DrainFactsGuestBuilder.builder()
                .namespace(reference.namespace())
                .name(reference.name())
                .running(isRunning(incarnation, status))
                .strategy(vm.map(found -> found.getSpec().evictionStrategy()).orElse(EvictionStrategy.LiveMigrate))
                .problem(problem(status))
                .migrating(status.map(TrustedLaunchVMStatus::migration)
                        .filter(migration -> migration.outcome() == null)
                        .isPresent())
                .nextName(DrainName.next(
                        reference.name(),
                        all.stream()
                                .filter(migration ->
                                        migration.getMetadata().getNamespace().equals(reference.namespace()))
                                .map(migration -> migration.getMetadata().getName())
                                .toList()))
                .build();
    }

    private static boolean isRunning(VMIncarnation incarnation, Optional<TrustedLaunchVMStatus> vm) {
        return incarnation.getSpec().desiredState() == DesiredState.Running
                && incarnation
                        .status()
                        .filter(status -> status.phase() == Phase.Running)
                        .isPresent()
                && vm.map(TrustedLaunchVMStatus::epoch)
                        .equals(Optional.of(incarnation.getSpec().epoch()));
    }

    private static Optional<String> problem(Optional<TrustedLaunchVMStatus> vm) {
        Optional<Condition> migratable = vm.flatMap(status -> ConditionType.Migratable.in(status.conditions()));
        if (migratable.isEmpty()) {
            return Optional.of(UNKNOWN);
        }
        return migratable
                .filter(condition -> !condition.getStatus().equals(State.True.name()))
                .map(condition -> condition.getReason() + ": " + condition.getMessage());
    }
}
