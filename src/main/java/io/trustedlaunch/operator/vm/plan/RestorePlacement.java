package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.operator.backuplocation.BackupLocationChecks;
import io.trustedlaunch.operator.vm.facts.NodeState;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmNodes;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.Placement.Outcome;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Chooses the node on which a VM is restored. */
final class RestorePlacement {
    private final VmFacts facts;
    private final VmNodes nodes;
    private final StartChecks checks;

    RestorePlacement(VmFacts facts) {
        this.facts = facts;
        this.nodes = facts.nodes();
        this.checks = new StartChecks(facts);
    }

    private Optional<Home> home() {
        return facts.guestState().home().known();
    }

    /**
     * Begins the restore in the VM's folder, or where that cannot be had, on a node that makes one.
     *
     * @param disks that alone go back: the others have no other folder
     */
    VmStep on(String location, List<String> disks, Function<String, Restore> restore) {
        Optional<String> inPlace = inPlace(location);
        if (inPlace.isPresent()) {
            return begunOn(inPlace.get(), restore);
        }
        return disks.isEmpty() && (isMovedTo(location) || isFolderLost()) ? anywhere(location, restore) : nowhere();
    }

    private VmStep begunOn(String node, Function<String, Restore> restore) {
        return storeProblem(node).<VmStep>map(VmStep.Refuse::new).orElseGet(() -> begun(restore.apply(node)));
    }

    /** Why the node does not find the backup's store. Of a restore that is on record, only its run asks. */
    private Optional<Problem> storeProblem(String node) {
        return facts.restore().location().flatMap(location -> BackupLocationChecks.usable(location, node));
    }

    VmStep begun(Restore restore) {
        return new QuotaChecks(facts)
                .restore(restore)
                .<VmStep>map(VmStep.Refuse::new)
                .orElseGet(() -> new RestoreStep.Begin(restore));
    }

    /** The VM was elsewhere: it is taken over into this location. */
    boolean isMovedTo(String location) {
        return home().filter(home -> !home.storageLocation().equals(location)).isPresent();
    }

    /** Its node is proved dead, or is none of this cluster, as of a VM of another one. What is there is never started from. */
    boolean isFolderLost() {
        return home().map(home -> nodes.state(home.nodeName()))
                .filter(state -> state == NodeState.FENCED || state == NodeState.UNREGISTERED)
                .isPresent();
    }

    /** The node that had the VM last, of those that have its folder. */
    private Optional<String> inPlace(String location) {
        return home().filter(home -> home.storageLocation().equals(location))
                .flatMap(home -> nodes.all().stream()
                        .filter(node -> node.sharesLocation(location, home.nodeName()))
                        .filter(this::canRestore)
                        .min(Comparator.comparing((NodeInfo node) ->
                                        storeProblem(node.name()).isPresent())
                                .thenComparing(node -> !node.name().equals(home.nodeName()))
                                .thenComparing(NodeInfo::name)))
                .map(NodeInfo::name);
    }

    private boolean canRestore(NodeInfo node) {
        return nodes.isAgentAlive(node.name())
                && checks.certificateFault(node.name()).isEmpty();
    }

    /** The rules are those of a start, which follows. */
    VmStep anywhere(String location, Function<String, Restore> restore) {
        Outcome best = nodes.placement()
                .choose(
                        StartRequests.in(location, facts),
                        node -> storeProblem(node.name()).isEmpty());
        return switch (best instanceof Outcome.Chosen
                ? best
                : nodes.placement().choose(StartRequests.in(location, facts), node -> true)) {
            case Outcome.Chosen(String node) -> begunOn(node, restore);
            case Outcome.Rejected rejected ->
                new VmStep.Refuse(
                        Reason.NoNodeFits,
                        "no node can make the VM's folder in storage location " + location + " from the backup: "
                                + (rejected.rejections().isEmpty() ? "there is no ClusterNode" : rejected.message()));
        };
    }

    private VmStep nowhere() {
        return new VmStep.Refuse(
                Reason.WorkingCopyElsewhere,
                home().map(home -> "no node whose agent responds and has a sealing certificate has the VM's folder in"
                                + " storage location " + home.storageLocation() + " of " + home.nodeName()
                                + ": bring back that node, or one that shares the location; if the host is off, say so"
                                + " with kubectl tlvm fence " + home.nodeName()
                                + ", and another node makes the folder from the backup")
                        .orElse("no node has reported where the VM's files are: start the agent of the host that the VM"
                                + " ran on"));
    }
}
