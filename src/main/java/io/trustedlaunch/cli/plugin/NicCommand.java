package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.cli.plugin.change.CardChanges;
import io.trustedlaunch.cli.plugin.change.VmChange;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands for the network cards of a VM. */
@Command(
        name = "nic",
        description = "Add, remove, connect and disconnect the network cards of a VM.",
        mixinStandardHelpOptions = true,
        subcommands = {
            NicCommand.Add.class,
            NicCommand.Remove.class,
            NicCommand.Connect.class,
            NicCommand.Disconnect.class
        })
final class NicCommand {
    private NicCommand() {}

    /** {@code kubectl tlvm nic add}. */
    @Command(name = "add", description = "Add a network card to a VM. A guest that runs is given it at once.")
    static final class Add extends ChangeCommand {
        @Parameters(index = "1", paramLabel = "NAME", description = "Name of the network card.")
        private String card;

        @Option(
                names = "--network",
                paramLabel = "NETWORK",
                required = true,
                description = "Name of a VMNetwork. To list them: kubectl get vmnetworks.")
        private String network;

        @Option(
                names = "--mac",
                paramLabel = "ADDRESS",
                description = "MAC address. Default: one that is derived from the VM's UID.")
        private String macAddress;

        @Override
        VmChange change(KubernetesClient client, TrustedLaunchVM vm) {
            VmChange change = new CardChanges(vm).add(card, network, Optional.ofNullable(macAddress));
            new Offers(client, vm.getMetadata().getNamespace()).require(VMNetwork.class, network);
            return change;
        }
    }

    /** {@code kubectl tlvm nic remove}. */
    @Command(
            name = "remove",
            description = "Take a network card out of a VM. A guest that runs is asked to let go of it at once.")
    static final class Remove extends ChangeCommand {
        @Parameters(index = "1", paramLabel = "NAME", description = "Name of the network card.")
        private String card;

        @Override
        VmChange change(KubernetesClient client, TrustedLaunchVM vm) {
            return new CardChanges(vm).remove(card);
        }
    }

    /** {@code kubectl tlvm nic connect}. */
    @Command(
            name = "connect",
            description =
                    "Plug the cable of a network card in, or connect the card to another network. A guest that runs sees it at once.")
    static final class Connect extends ChangeCommand {
        @Parameters(index = "1", paramLabel = "NAME", description = "Name of the network card.")
        private String card;

        @Option(
                names = "--network",
                paramLabel = "NETWORK",
                description = "Name of a VMNetwork. To list them: kubectl get vmnetworks. Default: the card's network.")
        private String network;

        @Override
        VmChange change(KubernetesClient client, TrustedLaunchVM vm) {
            VmChange change = new CardChanges(vm).connect(card, Optional.ofNullable(network));
            if (network != null) {
                new Offers(client, vm.getMetadata().getNamespace()).require(VMNetwork.class, network);
            }
            return change;
        }
    }

    /** {@code kubectl tlvm nic disconnect}. */
    @Command(
            name = "disconnect",
            description = "Pull the cable of a network card, which stays in the VM. A guest that runs sees it at once.")
    static final class Disconnect extends ChangeCommand {
        @Parameters(index = "1", paramLabel = "NAME", description = "Name of the network card.")
        private String card;

        @Override
        VmChange change(KubernetesClient client, TrustedLaunchVM vm) {
            return new CardChanges(vm).disconnect(card);
        }
    }
}
