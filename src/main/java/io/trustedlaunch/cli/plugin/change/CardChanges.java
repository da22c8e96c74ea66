package io.trustedlaunch.cli.plugin.change;

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
        return VmChange.waiting(cards.added(card), "network card " + name + " on network " + network + " added");
    }

    /** @throws CommandException if there is no such card */
    public VmChange remove(String name) {
        return VmChange.waiting(Operation.remove(cards.pathOf(name)), "network card " + name + " removed");
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
