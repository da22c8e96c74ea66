package io.trustedlaunch.cli.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec.Fencing;
import io.trustedlaunch.api.node.ClusterNodeSpec.PowerOff;
import io.trustedlaunch.api.node.ClusterNodeSpec.Statement;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.FenceLine;
import io.trustedlaunch.cli.plugin.report.FenceReport;
import io.trustedlaunch.cli.plugin.report.FenceReportBuilder;
import io.trustedlaunch.cli.plugin.report.Progress;
import io.trustedlaunch.cli.plugin.terminal.Prompt;
import io.trustedlaunch.cli.plugin.terminal.StandardStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sets a node's {@code spec.fencing}, or removes it. */
@Command(
        name = "fence",
        description = {
            "State in your own name that the host of a node is off, so that its VMs start on other nodes.",
            "Make sure first that it is off and stays off: a guest that still runs there would run twice. The operator"
                    + " starts nothing as long as it hears the node.",
            "With --power-off, the fencer cuts its power by its FenceDevice and proves by it that the host is off."
        })
final class FenceCommand extends FollowingCommand {
    /** Where kubelets keep their Leases, each with the name of its Node. */
    private static final String KUBELETS = "kube-node-lease";

    @Parameters(paramLabel = "NODE", description = "Name of the node.")
    private String name;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask for confirmation.")
    private boolean confirmed;

    @Option(
            names = "--power-off",
            description = "Cut the power of the host, also of one that is heard: its guests end as in a power cut.")
    private boolean powerOff;

    @Option(
            names = "--withdraw",
            description =
                    "Remove what --power-off or the statement has set. A node that is already proved dead stays so until its host is back in"
                            + " another boot.")
    private boolean withdraw;

    @Mixin
    private OperatorNamespace operatorNamespace;

    private final Duration silence;
    private final Reader answers;
    private final boolean canPrompt;

    FenceCommand() {
        this(FenceReport.SILENCE, new InputStreamReader(System.in, UTF_8), StandardStream.canPrompt());
    }

    /** @param silence for how long an agent that was heard lately must not be heard */
    FenceCommand(Duration silence, Reader answers, boolean canPrompt) {
        this.silence = silence;
        this.answers = answers;
        this.canPrompt = canPrompt;
    }

    @Override
    int run(KubernetesClient client) {
        Resource<ClusterNode> node = cluster.node(client, name);
        FenceReport report = report(client, node.get());
        if (withdraw) {
            return withdraw(client, node, report);
        }
        return powerOff ? powerOff(client, node, report) : state(client, node, report);
    }

    private FenceReport report(KubernetesClient client, ClusterNode node) {
        return FenceReportBuilder.builder()
                .node(node)
                .lease(Optional.ofNullable(lease(client).get()))
                .kubeletLease(Optional.ofNullable(
                        client.leases().inNamespace(KUBELETS).withName(name).get()))
                .fences(client.resources(NodeFence.class).list().getItems())
                .vms(client.resources(TrustedLaunchVM.class)
                        .inAnyNamespace()
                        .withField("status.nodeName", name)
                        .list()
                        .getItems())
                .locations(client.resources(StorageLocation.class).list().getItems())
                .devices(client.resources(FenceDevice.class).list().getItems())
                .now(Clock.systemUTC().instant())
                .build();
    }

    private int state(KubernetesClient client, Resource<ClusterNode> node, FenceReport report) {
        String boot = boot(report);
        Optional<Phase> phase = report.fence().map(FenceLine::phase);
        if (phase.equals(Optional.of(Phase.Contradicted))) {
            throw new CommandException(FenceLine.progress(report.fence().get()).line());
        }
        if (!phase.equals(Optional.of(Phase.Proved))) {
            requireSilence(client, report);
            out().text(report.text());
            String user = PluginWriter.userName(client);
            String question = "Do you, " + user + ", state that the host of " + name
                    + " is off and stays off? A guest that still runs there would run twice. (yes or no)";
            if (!isConfirmed(question)) {
                out().line("nothing was changed");
                return ExitCode.SOFTWARE;
            }
            PluginWriter.setFencing(node, new Fencing(new Statement(boot, user), null));
            out().line("clusternode/" + name + ": " + user + " states that boot " + boot + " is over");
        }
        return follow(client, boot);
    }

    private int powerOff(KubernetesClient client, Resource<ClusterNode> node, FenceReport report) {
        String boot = boot(report);
        report.requireReadyDevice().ifPresent(problem -> {
            throw new CommandException(problem);
        });
        if (!report.fence().map(FenceLine::phase).equals(Optional.of(Phase.Proved))) {
            out().text(report.powerOffText());
            String question = "Cut the power of " + name + "? Guests that run there lose it, too. (yes or no)";
            if (!isConfirmed(question)) {
                out().line("nothing was changed");
                return ExitCode.SOFTWARE;
            }
            String user = PluginWriter.userName(client);
            PluginWriter.setFencing(node, new Fencing(null, new PowerOff(boot, user)));
            out().line("clusternode/" + name + ": " + user + " wants its power cut");
        }
        return follow(client, boot);
    }

    private String boot(FenceReport report) {
        return report.boot()
                .orElseThrow(() -> new CommandException(
                        "clusternode/" + name + " has no status.answer.bootID: no agent has answered the operator from"
                                + " that host, so no VM runs there that another node could take over"));
    }

    private int follow(KubernetesClient client, String boot) {
        return await(fence(client, boot), "nodefence/" + NodeFence.nameOf(name, boot), new FenceOf(boot)::progress);
    }

    /** Reads its Lease, whose time is from another machine's clock: one that looks young is watched. */
    private void requireSilence(KubernetesClient client, FenceReport report) {
        if (report.sinceRenewal().filter(since -> since.compareTo(silence) < 0).isEmpty()) {
            return;
        }
        String version = report.lease().orElseThrow().getMetadata().getResourceVersion();
        out().line("The agent of " + name + " was heard lately. Waiting up to " + silence.toSeconds()
                + " s for it to be heard again.");
        try {
            lease(client)
                    .waitUntilCondition(
                            seen -> seen != null
                                    && !seen.getMetadata().getResourceVersion().equals(version),
                            silence.toMillis(),
                            TimeUnit.MILLISECONDS);
        } catch (KubernetesClientTimeoutException silent) {
            return;
        }
        throw new CommandException("the agent of " + name + " is heard, so its host is not dead. To move its VMs to"
                + " other nodes: kubectl tlvm drain " + name + ". If the host must not run on, power it off first");
    }

    private boolean isConfirmed(String question) {
        if (confirmed) {
            return true;
        }
        if (!canPrompt) {
            throw new CommandException("--yes is required: there is no terminal to ask for confirmation");
        }
        return new Prompt(answers, err()).ask(question).equals("yes");
    }

    private int withdraw(KubernetesClient client, Resource<ClusterNode> node, FenceReport report) {
        Optional<Fencing> fencing = Optional.ofNullable(report.node().getSpec().fencing());
        boolean stated = fencing.map(Fencing::statement).isPresent();
        boolean asked = fencing.map(Fencing::powerOff).isPresent();
        if (stated || asked) {
            PluginWriter.setFencing(node, new Fencing(null, null));
        }
        out().line("clusternode/" + name
                + (stated ? ": statement withdrawn" : asked ? ": power-off withdrawn" : " has no statement"));
        return report.fence()
                .filter(fence -> fence.getSpec().method() == Method.Statement || asked)
                .map(fence -> await(
                        fence(client, fence.getSpec().bootID()),
                        "nodefence/" + fence.getMetadata().getName(),
                        seen -> withdrawal(fence, seen)))
                .orElse(ExitCode.OK);
    }

    private static Progress withdrawal(NodeFence fence, Optional<NodeFence> now) {
        String reference = "nodefence/" + fence.getMetadata().getName();
        if (now.isEmpty()) {
            return new Progress(reference + " removed", OptionalInt.empty(), Progress.State.Done);
        }
        return FenceLine.phase(now.get()) == Phase.Proved
                ? new Progress(
                        reference + " stays Proved until the host is back in another boot: its VMs may run on other"
                                + " nodes already",
                        OptionalInt.empty(),
                        Progress.State.Failed)
                : new Progress(FenceLine.progress(now.get()).line(), OptionalInt.empty(), Progress.State.Ongoing);
    }

    private Resource<Lease> lease(KubernetesClient client) {
        return client.leases().inNamespace(operatorNamespace.toString()).withName("node-" + name);
    }

    private Resource<NodeFence> fence(KubernetesClient client, String boot) {
        return client.resources(NodeFence.class).withName(NodeFence.nameOf(name, boot));
    }

    /** The NodeFence that the operator makes. */
    private final class FenceOf {
        private final String reference;
        private boolean wasThere;

        FenceOf(String boot) {
            reference = "nodefence/" + NodeFence.nameOf(name, boot);
        }

        Progress progress(Optional<NodeFence> seen) {
            Optional<NodeFence> fence = seen.filter(this::answers);
            if (fence.isEmpty() && wasThere) {
                throw new CommandException(reference + " was removed: the statement or --power-off was withdrawn, or"
                        + " the host of " + name + " is back in another boot");
            }
            wasThere |= fence.isPresent();
            return fence.map(FenceLine::progress)
                    .orElseGet(() -> new Progress(
                            reference + ": waiting for the operator", OptionalInt.empty(), Progress.State.Ongoing));
        }

        /** One of an earlier word, for example with power that could not be cut, is replaced. */
        private boolean answers(NodeFence fence) {
            return (fence.getSpec().method() == Method.Power) == powerOff || FenceLine.phase(fence) == Phase.Proved;
        }
    }
}
