package io.trustedlaunch.operator.vm.plan;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Departure;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Fill;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.InventoryFacts.ReportedIncarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmIncarnations;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.operator.vm.plan.MachineBuilder.ImageOfVm;
import io.trustedlaunch.placement.NodeInfo;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Builds VMIncarnations without their envelopes. */
public final class IncarnationBuilder {
    private final VmFacts facts;
    private final VmObject vm;
    private final VmIncarnations incarnations;
    private final String namespace;
    private final MachineBuilder machines;

    /** @param namespace the operator's own */
    IncarnationBuilder(VmFacts facts, String namespace) {
        this.facts = facts;
        this.vm = facts.vm();
        this.incarnations = facts.incarnations();
        this.namespace = namespace;
        this.machines = new MachineBuilder(facts);
    }

    /** The incarnation of the epoch on record. */
    VMIncarnation incarnation(DesiredState desired, boolean firstStart, ImageOfVm image) {
        return incarnation(
                vm.epoch(),
                vm.nodeName().orElseThrow(),
                desired,
                machines.machine(image, vm.epoch()),
                firstStart,
                facts.guestState().approved(),
                Optional.empty());
    }

    /** The VMIncarnation of the next start, as far as it is known before a node is chosen and an epoch reserved. */
    static VMIncarnationSpec ofNextStart(VmFacts facts) {
        IncarnationBuilder builder = new IncarnationBuilder(facts, "");
        return builder.incarnation(
                        facts.nextEpoch(),
                        "",
                        DesiredState.Running,
                        builder.machines.ofNextStart(),
                        facts.incarnations().isFirstStart(),
                        facts.guestState().approvedNext(),
                        Optional.empty())
                .getSpec();
    }

    /** The same of the next migration, which may copy the disks. */
    static VMIncarnationSpec ofNextMigration(VmFacts facts, Incarnation source) {
        return new IncarnationBuilder(facts, "")
                .incarnation(
                        facts.nextEpoch(),
                        "",
                        DesiredState.Running,
                        source.machine(),
                        false,
                        Optional.empty(),
                        Optional.of(new Arrival(source.epoch(), source.node(), true, true)))
                .getSpec();
    }

    /** One of which a node has something; the record does not know it. */
    VMIncarnation forgotten(ReportedIncarnation seen, ImageOfVm image) {
        return incarnation(
                seen.epoch(),
                seen.node(),
                DesiredState.Erased,
                machines.machine(image, seen.epoch()),
                false,
                Optional.empty(),
                Optional.empty());
    }

    /**
     * The incarnation that takes over a running guest, with the machine that the guest has now.
     *
     * @param left whether the guest is known to have left
     */
    VMIncarnation arriving(Migration migration, Incarnation source, boolean left) {
        return incarnation(
                migration.epoch(),
                migration.targetNode(),
                DesiredState.Running,
                source.machine(),
                false,
                Optional.empty(),
                Optional.of(new Arrival(source.epoch(), source.node(), left, copiesDisks(migration, source))));
    }

    /** The source's request decides; otherwise the proof of sharing: an agent refuses a copy of its own folder. */
    private boolean copiesDisks(Migration migration, Incarnation source) {
        return source.requestedDeparture(migration.epoch())
                .map(Departure::copiesDisks)
                .orElseGet(() -> facts.nodes()
                        .find(migration.targetNode())
                        .filter(node ->
                                !node.sharesLocation(source.machine().location().name(), source.node()))
                        .isPresent());
    }

    private VMIncarnation incarnation(
            long epoch,
            String node,
            DesiredState desired,
            Machine machine,
            boolean firstStart,
            Optional<GuestStateVersion> approved,
            Optional<Arrival> arrival) {
        // A guest that arrives is another incarnation's until that says that it has left.
        Set<String> fences = arrival.isPresent() ? Set.of() : facts.losses().fencesReliedOn(epoch);
        VMIncarnation incarnation = new VMIncarnation();
        incarnation.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(VMIncarnation.nameOf(vm.uid(), epoch))
                .withLabels(Map.of(Api.LABEL_VM_UID, vm.uid()))
                .build());
        incarnation.setSpec(VMIncarnationSpecBuilder.builder()
                .vmRef(vm.ref())
                .cluster(incarnations.claims().clusterOf(epoch))
                .recoveredFrom(incarnations.claims().recoveredFrom().orElse(null))
                .epoch(epoch)
                .nodeName(node)
                .bootID(facts.nodes().find(node).flatMap(NodeInfo::boot).orElse(null))
                .afterFences(List.copyOf(fences))
                .lastFailover(lastFailover(fences))
                .desiredState(desired)
                .terminationGracePeriodSeconds(GuestShutdown.graceSeconds(facts, epoch))
                .machine(machine)
                .firstStart(firstStart)
                .diskFill(vm.diskFill().map(Fill::uid).orElse(null))
                .ekDigest(vm.ek().orElse(null))
                .guestStateFloor(facts.guestState().floor().orElse(null))
                .approvedGuestState(approved.orElse(null))
                .arrival(arrival.orElse(null))
                .build());
        return incarnation;
    }

    /** Inherited, so that a guest that kills hosts is not taken for another one after it has shut down in between. */
    private String lastFailover(Set<String> fences) {
        return fences.isEmpty()
                ? facts.losses()
                        .lastFailover()
                        .filter(time -> FailoverReadiness.isRecent(time, facts.now()))
                        .map(Instant::toString)
                        .orElse(null)
                : facts.now().toString();
    }
}
