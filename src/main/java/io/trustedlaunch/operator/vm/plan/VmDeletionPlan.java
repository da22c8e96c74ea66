package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.InventoryFacts.ReportedIncarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmIncarnations;
import io.trustedlaunch.operator.vm.facts.VmNodes;
import io.trustedlaunch.operator.vm.facts.VmObject;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Deletes a VM: stops the guest, destroys the key, removes the files and releases the VM. */
public final class VmDeletionPlan {
    /** For this long, the status does not show what a deletion waits for. */
    public static final Duration QUICK = Duration.ofSeconds(10);

    private final VmFacts facts;
    private final VmObject vm;
    private final VmIncarnations incarnations;
    private final VmNodes nodes;
    private final String namespace;

    VmDeletionPlan(VmFacts facts, String namespace) {
        this.facts = facts;
        this.vm = facts.vm();
        this.incarnations = facts.incarnations();
        this.nodes = facts.nodes();
        this.namespace = namespace;
    }

    VmStep plan() {
        return perhapsRetained()
                .or(this::unreachableRecord)
                .or(this::requestErasure)
                .or(this::removeEnvelope)
                .or(this::destroyKey)
                .or(() -> awaitErasure(unfinished().filter(incarnation -> !incarnation.leavesFolderToLater())))
                .or(new StartChecks(facts)::inventoryForDeletion)
                .or(this::eraseForgotten)
                .or(() -> awaitErasure(unfinished()))
                .orElseGet(this::release);
    }

    /** There is nothing to retain, as far as is known. */
    private Optional<VmStep> perhapsRetained() {
        return vm.isToBeRetained() ? new StartChecks(facts).inventoryForDeletion() : Optional.empty();
    }

    /**
     * The current incarnation has no object. On a lost node, one is created for when the node is back; but after others that may
     * have a guest have ended, since it may erase a folder that they share.
     */
    private Optional<VmStep> unreachableRecord() {
        boolean placeKnown = new StartChecks(facts).location().isEmpty();
        boolean missing = vm.epoch() > 0
                && incarnations.current().isEmpty()
                && unfinished().noneMatch(this::mayHaveGuest)
                && (placeKnown || nodes.deletionAwaits(vm.nodeName().orElseThrow()));
        return missing ? Optional.of(new VmRecreation(facts, namespace).toEnd(DesiredState.Erased)) : Optional.empty();
    }

    /** One that waits for a guest is the last: it may share the folder in which that guest still runs. */
    private Optional<VmStep> requestErasure() {
        boolean guestMayRun = unfinished().anyMatch(this::mayHaveGuest);
        return unfinished()
                .filter(incarnation -> !incarnation.isArriving() || !guestMayRun)
                .flatMap(incarnation -> VmStep.Erase.due(facts, incarnation).stream())
                .findFirst();
    }

    /** One that is over may wait itself, for the one that has its guest now. */
    private boolean mayHaveGuest(Incarnation incarnation) {
        return !incarnation.isArriving()
                && !incarnation.leavesFolderToLater()
                && !nodes.isOver(incarnation)
                && nodes.deletionAwaits(incarnation.node());
    }

    /** The key is also in the envelopes. */
    private Optional<VmStep> removeEnvelope() {
        return incarnations.all().stream()
                .filter(Incarnation::hasEnvelope)
                .findFirst()
                .map(RemovalStep.RemoveEnvelope::new);
    }

    private Optional<VmStep> destroyKey() {
        return switch (facts.key()) {
            case KeyFacts.Absent absent -> Optional.empty();
            case KeyFacts.Held held -> Optional.of(new RemovalStep.DestroyKey());
            case KeyFacts.Invalid invalid -> Optional.of(new RemovalStep.DestroyKey());
        };
    }

    private Optional<VmStep> awaitErasure(Stream<Incarnation> unfinished) {
        return unfinished
                .filter(incarnation -> nodes.deletionAwaits(incarnation.node()))
                .findFirst()
                .map(incarnation -> new VmStep.Wait(new Problem(Reason.Deleting, message(incarnation)), QUICK));
    }

    /**
     * Restored data does not know all incarnations, and no incarnation may have begun from what a backup was restored to. Last,
     * since the guest that uses a shared folder ends first; but for incarnations that leave that folder to a later one. Of a node
     * with several the latest, since the others end before it.
     */
    private Optional<VmStep> eraseForgotten() {
        Stream<ReportedIncarnation> restored = facts
                .guestState()
                .perhapsRestored()
                .map(restore -> new ReportedIncarnation(restore.nodeName(), facts.nextEpoch()))
                .stream();
        return Stream.concat(nodes.inventory().onNodes().stream(), restored)
                .filter(seen -> incarnations.all().stream()
                        .noneMatch(known -> known.epoch() == seen.epoch()
                                || (known.node().equals(seen.node()) && !known.leavesFolderToLater())))
                .max(Comparator.comparingLong(ReportedIncarnation::epoch))
                .flatMap(new VmRecreation(facts, namespace)::toErase);
    }

    private String message(Incarnation incarnation) {
        if (!nodes.isAgentAlive(incarnation.node())) {
            return "the key is destroyed; the agent on " + incarnation.node()
                    + ", which removes the VM's files, is not responding. If that host is gone for good, taint its Node"
                    + " with node.kubernetes.io/out-of-service";
        }
        return "the key is destroyed; the agent on " + incarnation.node()
                + " is shutting the guest down and removing its files"
                + AgentReport.problem(incarnation)
                        .map(problem -> ": " + problem.message())
                        .orElseGet(() -> GuestShutdown.report(facts, incarnation))
                + ". Its backups stay; to remove one: kubectl tlvm backup delete";
    }

    /**
     * The current incarnation has taken over the files of earlier ones, except where a guest migrated to another node.
     */
    private Stream<Incarnation> unfinished() {
        return incarnations.all().stream()
                .filter(incarnation -> !incarnation.isErased())
                .filter(incarnation -> incarnation.epoch() == vm.epoch()
                        || !incarnation.isOver()
                        || facts.guestState().keepsFiles(incarnation));
    }

    private VmStep release() {
        List<String> lost = Stream.concat(incarnations.all().stream().map(Incarnation::node), vm.nodeName().stream())
                .distinct()
                .filter(node -> !nodes.deletionAwaits(node))
                .filter(node -> !isErasedOn(node))
                .sorted()
                .toList();
        // When a lost node is back, its agent erases its files, and the VMIncarnation is deleted then.
        List<Incarnation> unfinished = unfinished().toList();
        List<Incarnation> remains = incarnations.all().stream()
                .filter(incarnation -> !unfinished.contains(incarnation))
                .toList();
        return new RemovalStep.Release(remains, lost);
    }

    private boolean isErasedOn(String node) {
        return incarnations.all().stream()
                .anyMatch(incarnation ->
                        incarnation.node().equals(node) && incarnation.epoch() == vm.epoch() && incarnation.isErased());
    }
}
