package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.node.MachineUuid;
import io.trustedlaunch.api.node.NodeMachine;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Parameters;

/** The commands that decide which nodes take part. */
@Command(
        name = "node",
        description = "Decide which nodes may run trusted launch VMs.",
        mixinStandardHelpOptions = true,
        subcommands = {NodeCommand.Approve.class, NodeCommand.Revoke.class})
final class NodeCommand {
    private NodeCommand() {}

    /** Sets the label. All nodes are looked up before the first is changed. */
    abstract static class EnrolmentCommand extends ClusterCommand {
        @Parameters(paramLabel = "NODE", arity = "1..*", description = "Name of the Kubernetes Node.")
        private List<String> names;

        @Override
        int run(KubernetesClient client) {
            List<Resource<Node>> nodes = names.stream()
                    .map(name -> cluster.kubernetesNode(client, name))
                    .toList();
            nodes.forEach(this::change);
            names.forEach(name -> follow(client, name));
            out().line(whatFollows(names));
            return ExitCode.OK;
        }

        abstract void change(Resource<Node> node);

        /** The change of its ClusterNode. */
        void follow(KubernetesClient client, String node) {}

        abstract String whatFollows(List<String> nodes);
    }

    /** {@code kubectl tlvm node approve}. */
    @Command(
            name = "approve",
            description =
                    "Let nodes run trusted launch VMs: their agents get certificates, and VMs are placed on them. A node"
                            + " whose mainboard was replaced is approved again, as the machine that it reports now.")
    static final class Approve extends EnrolmentCommand {
        @Override
        void change(Resource<Node> node) {
            out().line(reference(PluginWriter.setLabel(node, Enrolment.LABEL, Enrolment.APPROVED)) + " approved");
        }

        /** The operator takes a machine over only once. */
        @Override
        void follow(KubernetesClient client, String node) {
            Resource<ClusterNode> clusterNode =
                    client.resources(ClusterNode.class).withName(node);
            Optional.ofNullable(clusterNode.get())
                    .map(NodeMachine::of)
                    .filter(NodeMachine::hasChanged)
                    .ifPresent(machine -> {
                        MachineUuid now = machine.reported().orElseThrow();
                        PluginWriter.setMachine(clusterNode, now);
                        out().line("clusternode/" + node + " is machine " + now + ", and was machine "
                                + machine.confirmed().orElseThrow() + ": check that its FenceDevice is for this one");
                    });
        }

        @Override
        String whatFollows(List<String> nodes) {
            return "VMs can be placed there once the agent is ready: kubectl get clusternodes "
                    + String.join(" ", nodes)
                    + "\nAn operator that runs there already stays until its pod is replaced; to move it:\n"
                    + "  kubectl rollout restart deployment/trusted-launch-operator -n <the operator's namespace>";
        }
    }

    /** {@code kubectl tlvm node revoke}. */
    @Command(
            name = "revoke",
            description =
                    "Let nodes run no further trusted launch VMs: their agents get no certificates and no keys, and"
                            + " no VM is placed on them or migrates to or from them. VMs that run there keep running.")
    static final class Revoke extends EnrolmentCommand {
        @Override
        void change(Resource<Node> node) {
            out().line(reference(PluginWriter.setLabel(node, Enrolment.LABEL, Enrolment.REVOKED)) + " revoked");
        }

        @Override
        String whatFollows(List<String> nodes) {
            return "VMs that are still there keep running, and do not migrate. To list them:\n"
                    + String.join(
                            "\n",
                            nodes.stream()
                                    .map(node -> "  kubectl get trustedlaunchvms -A --field-selector status.nodeName="
                                            + node)
                                    .toList());
        }
    }
}
