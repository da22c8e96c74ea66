package io.trustedlaunch.cli.plugin.change;

import io.trustedlaunch.api.vm.LinkState;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Interface;
import io.trustedlaunch.cli.CommandException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Changes of a VM's network cards. */
public final class CardChanges {
    private final TrustedLaunchVM vm;
    private final SpecList<NetworkInterface> cards;

    public CardChanges(TrustedLaunchVM vm) {
        this.vm = vm;
        cards = new SpecList<>(
                "/spec/networkInterfaces",
                "network card",
                VmChange.reference(vm),
                vm.getSpec().networkInterfaces(),
                NetworkInterface::name);
    }

    /**
     * @param macAddress empty: the operator derives one
     * @throws CommandException if another card of the VM has the name or the address
     */
    public VmChange add(String name, String network, Optional<String> macAddress) {
        if (cards.has(name)) {
            throw new CommandException(cards.owner() + " has a network card " + name + " already: choose another name");
        }
        macAddress.flatMap(this::cardWith).ifPresent(other -> {
            throw new CommandException("network card " + other + " of " + cards.owner() + " has MAC address "
                    + macAddress.get() + " already: choose another one, or omit --mac");
        });
        Map<String, Object> card = new LinkedHashMap<>();
        card.put("name", name);
        card.put("network", network);
        macAddress.ifPresent(address -> card.put("macAddress", address));
        return VmChange.whileRunning(cards.added(card), "network card " + name + " on network " + network + " added");
    }

    /** @throws CommandException if there is no such card */
    public VmChange remove(String name) {
        return VmChange.whileRunning(Operation.remove(cards.pathOf(name)), "network card " + name + " removed");
    }

    /**
     * Plugs the card's cable in.
     *
     * @param network where it is connected to then; empty: where it was
     * @throws CommandException if there is no such card, or it is connected so already
     */
    public VmChange connect(String name, Optional<String> network) {
        NetworkInterface card = cards.require(name);
        Optional<String> other = network.filter(wanted -> !wanted.equals(card.network()));
        if (card.link() == LinkState.Up && other.isEmpty()) {
            throw new CommandException("network card " + name + " of " + cards.owner() + " is connected to network "
                    + card.network() + " already; to connect it to another one: --network NETWORK");
        }
        Stream<Operation> link = card.link() == LinkState.Up ? Stream.empty() : Stream.of(link(name, LinkState.Up));
        Stream<Operation> move =
                other.stream().map(wanted -> Operation.replace(cards.pathOf(name) + "/network", wanted));
        return new VmChange(
                Stream.concat(link, move).toList(),
                "network card " + name + " connected to network " + network.orElse(card.network()),
                VmChange.Effect.RUNNING);
    }

    /**
     * Pulls the card's cable.
     *
     * @throws CommandException if there is no such card, or its cable is pulled already
     */
    public VmChange disconnect(String name) {
        if (cards.require(name).link() == LinkState.Down) {
            throw new CommandException("network card " + name + " of " + cards.owner() + " is disconnected already");
        }
        return VmChange.whileRunning(link(name, LinkState.Down), "network card " + name + " disconnected");
    }

    private Operation link(String name, LinkState state) {
        return Operation.add(cards.pathOf(name) + "/linkState", state.name());
    }

    /** Addresses that the operator derived are in the status alone. */
    private Optional<String> cardWith(String macAddress) {
        Stream<NetworkInterface> chosen = cards.entries().stream().filter(card -> card.macAddress() != null);
        Stream<Interface> reported =
                vm.status().map(TrustedLaunchVMStatus::networkInterfaces).orElse(List.of()).stream()
                        .filter(card -> cards.has(card.name()));
        return Stream.concat(
                        chosen.filter(card -> card.macAddress().equalsIgnoreCase(macAddress))
                                .map(NetworkInterface::name),
                        reported.filter(card -> macAddress.equalsIgnoreCase(card.macAddress()))
                                .map(Interface::name))
                .findFirst();
    }
}
