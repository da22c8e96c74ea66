package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.Optional;

/** Whether a VM's next start may have the network cards of its spec: the networks that they are in, and their MAC addresses. */
record CardChecks(VmFacts facts) {
    /** What is the matter with the first that it may not. */
    Optional<Problem> problem() {
        return facts.vm().spec().networkInterfaces().stream()
                .flatMap(card -> problem(card).stream())
                .findFirst();
    }

    private Optional<Problem> problem(NetworkInterface card) {
        return Optional.ofNullable(facts.offers().networks().get(card.network()))
                .map(network -> StartChecks.notAllowed(network, "VMNetwork " + card.network(), facts))
                .orElseGet(() -> Optional.of(new Problem(
                        Reason.NetworkNotFound,
                        field(card) + " names " + card.network() + ": this VMNetwork does not exist; an administrator"
                                + " creates it to offer the libvirt network of that name")))
                .or(() -> inUse(card)
                        .map(where -> new Problem(
                                Reason.MacAddressInUse,
                                field(card) + ": MAC address " + address(card) + " is in use " + where
                                        + "; set another macAddress, or none to have one derived"
                                        // The API server refuses that in this entry.
                                        + (facts.vm().ek().isPresent() ? ", in an entry with another name" : ""))));
    }

    /** The address of one card may be derived, and set for another. */
    private Optional<String> inUse(NetworkInterface card) {
        return facts.vm().spec().networkInterfaces().stream()
                .takeWhile(before -> !before.name().equals(card.name()))
                .filter(before -> address(before).equals(address(card)))
                .findFirst()
                .map(before -> "by " + before.name())
                .or(() -> facts.offers().cardsWithTakenMac().contains(card.name())
                        ? Optional.of("in network " + card.network())
                        : Optional.empty());
    }

    private String address(NetworkInterface card) {
        return MacAddresses.of(facts.vm().uid(), card);
    }

    private static String field(NetworkInterface card) {
        return "networkInterfaces " + card.name();
    }
}
