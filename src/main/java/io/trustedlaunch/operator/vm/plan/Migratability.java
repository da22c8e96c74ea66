package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.DiscDrive;
import io.trustedlaunch.api.incarnation.IncarnationFields;
import io.trustedlaunch.api.incarnation.NestedVirtualization;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.vm.VirtualizationBasedSecurity;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmNodes;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.placement.MigrationTargets;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.Requests;
import io.trustedlaunch.placement.RequestsBuilder;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Whether a VM can be migrated while it runs, and to which nodes. */
public final class Migratability {
    private static final int MOST_NAMES = 3;

    private final VmFacts facts;
    private final VmObject vm;
    private final VmNodes nodes;

    public Migratability(VmFacts facts) {
        this.facts = facts;
        this.vm = facts.vm();
        this.nodes = facts.nodes();
    }

    /** The verdict for the condition, which is kept up to date even if no migration is requested. */
    public Problem verdict() {
        return problem().orElseGet(() -> {
            Incarnation source = source().orElseThrow();
            return nodes.placement()
                    .migratable(
                            requests(source),
                            diskBytes(source.machine()),
                            nodes.find(source.node()).orElseThrow(),
                            Migratability::verdict);
        });
    }

    private static Problem verdict(MigrationTargets targets) {
        return targets.nodes().isEmpty()
                ? noneFits(targets)
                : new Problem(Reason.Migratable, "to " + some(targets.nodes()) + copies(targets));
    }

    /** @return the node to migrate to, or why there is none now */
    Target target(VMMigration migration) {
        Optional<Problem> problem = problem();
        if (problem.isPresent()) {
            return new Target.None(problem.get());
        }
        Incarnation source = source().orElseThrow();
        Optional<String> requested = Optional.ofNullable(migration.getSpec().targetNode());
        Optional<Problem> targetProblem = requested.flatMap(node -> targetProblem(node, source));
        if (targetProblem.isPresent()) {
            return new Target.None(targetProblem.get());
        }
        MigrationTargets targets =
                targets(source, node -> requested.isEmpty() || requested.get().equals(node.name()));
        return targets.nodes().stream()
                .filter(nodes::hasAnswered)
                .findFirst()
                .<Target>map(Target.Node::new)
                .orElseGet(() -> new Target.None(targets.nodes().isEmpty() ? noneFits(targets) : unanswered(targets)));
    }

    /** The target of a migration. */
    sealed interface Target {
        record Node(String name) implements Target {}

        record None(Problem problem) implements Target {}
    }

    /** Why the VM cannot be migrated to any node. */
    private Optional<Problem> problem() {
        if (source().isEmpty() || vm.isHalted() || vm.isBeingDeleted()) {
            return Optional.of(new Problem(
                    Reason.NotRunning, "the VM is not running, or is being stopped; it can be migrated while it runs"));
        }
        Optional<Problem> filling = new DiskFillPlan(facts)
                .problem()
                .map(problem -> new Problem(
                        problem.reason(), problem.message() + "; the VM can be migrated once they are whole"));
        if (filling.isPresent()) {
            return filling;
        }
        Incarnation source = source().get();
        if (nodes.find(source.node()).isEmpty() || !nodes.isAgentAlive(source.node())) {
            return Optional.of(new Problem(
                    Reason.AgentNotAlive,
                    "the agent on " + source.node()
                            + " is not responding, so the VM cannot be migrated; check that the host and its"
                            + " agent are running"));
        }
        if (!nodes.find(source.node()).get().isEnrolled()) {
            return Optional.of(new Problem(
                    Reason.NodeNotApproved,
                    "no VM migrates from " + source.node() + ", because it " + Enrolment.refusal(source.node())
                            + ". To start the VM on another node, stop it first"));
        }
        Optional<Problem> problem = AgentReport.problem(source)
                .or(source::devicesProblem)
                .or(source::discsProblem)
                .or(() -> nestedOnAmd(source));
        if (problem.isPresent()) {
            return problem;
        }
        return StartChecks.key(facts)
                .or(() -> vm.ek().or(source::ek).isPresent()
                        ? Optional.empty()
                        : Optional.of(new Problem(
                                Reason.NotRunning,
                                "the endorsement key of the VM is not known yet; it can be migrated once its agent has"
                                        + " reported it")));
    }

    /** Once it has run a guest of its own, which VBS does, it must not be migrated, says Linux of KVM on AMD. */
    private Optional<Problem> nestedOnAmd(Incarnation source) {
        boolean isAllowed = nodes.find(source.node())
                .map(node -> node.spec().allowNestedMigration())
                .orElse(false);
        return source.nested()
                .filter(nested -> nested == NestedVirtualization.AMD && !isAllowed)
                .map(nested -> new Problem(
                        Reason.NestedGuestOnAMD,
                        "the guest has nested virtualization on " + source.node()
                                + ", whose processor is AMD's: Linux says that such a guest may not survive a migration."
                                + " To start it on another node, stop it first. If migrations of such guests were tested on"
                                + " this hardware, set spec.allowNestedMigration of ClusterNode " + source.node()));
    }

    private Optional<Incarnation> source() {
        return facts.incarnations()
                .current()
                .filter(incarnation -> incarnation.desired() == DesiredState.Running)
                .filter(incarnation -> incarnation.phase() == Phase.Running);
    }

    private Optional<Problem> targetProblem(String node, Incarnation source) {
        if (node.equals(source.node())) {
            return Optional.of(new Problem(
                    Reason.NoNodeFits,
                    node
                            + ": the VM already runs on this node. Create a VMMigration with another"
                            + " spec.targetNode, or with none"));
        }
        return nodes.find(node).isPresent()
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.TargetNotFound,
                        node
                                + ": this ClusterNode does not exist. Create a VMMigration with another"
                                + " spec.targetNode, or with none"));
    }

    private MigrationTargets targets(Incarnation source, Predicate<NodeInfo> among) {
        return nodes.placement()
                .targets(
                        requests(source),
                        diskBytes(source.machine()),
                        nodes.find(source.node()).orElseThrow(),
                        among);
    }

    private static long diskBytes(Machine machine) {
        return machine.osDiskBytes()
                + machine.dataDisks().stream().mapToLong(Disk::bytes).sum();
    }

    private static String copies(MigrationTargets targets) {
        if (targets.copies() == 0) {
            return "";
        }
        return targets.copies() == targets.nodes().size()
                ? ", with a copy of its disks"
                : ", to " + targets.copies() + " of them with a copy of its disks";
    }

    /** The machine that the guest has now, with the constraints of the present spec. */
    private Requests requests(Incarnation source) {
        Machine machine = source.machine();
        return RequestsBuilder.builder()
                .cores(machine.cores())
                .memoryBytes(machine.memoryBytes())
                .incarnationFields(() -> IncarnationFields.usedBy(IncarnationBuilder.ofNextMigration(facts, source)))
                .networks(machine.nics().stream().map(Nic::network).toList())
                .locations(List.of(machine.location().name()))
                .hasRemovedDisks(!machine.removedDisks().isEmpty())
                .discs(machine.discs().stream()
                        .filter(drive -> drive.disc().isPresent())
                        .map(DiscDrive::name)
                        .toList())
                .libtpms(facts.guestState().libtpms())
                .requiresVbs(machine.virtualizationBasedSecurityOrDefault() == VirtualizationBasedSecurity.Required)
                .nested(source.nested())
                .enlightenedVmcs(machine.enlightenedVmcs()
                        && source.nested().orElse(NestedVirtualization.Intel) == NestedVirtualization.Intel)
                .image(Optional.empty())
                .constraints(vm.constraints())
                .build();
    }

    private static Problem noneFits(MigrationTargets targets) {
        return targets.rejections().isEmpty()
                ? new Problem(Reason.NoNodeFits, "the cluster has no other node. Install the agent on another host")
                : new Problem(Reason.NoNodeFits, targets.message());
    }

    private static Problem unanswered(MigrationTargets targets) {
        return new Problem(
                Reason.NoNodeFits,
                "none of them has answered the present leader of the operator yet: " + some(targets.nodes())
                        + ". If that lasts, see the log of their agents");
    }

    private static String some(List<String> nodes) {
        String names = String.join(", ", nodes.subList(0, Math.min(nodes.size(), MOST_NAMES)));
        String more = nodes.size() > MOST_NAMES ? ", …" : "";
        return nodes.size() + (nodes.size() == 1 ? " node (" : " nodes (") + names + more + ")";
    }
}
