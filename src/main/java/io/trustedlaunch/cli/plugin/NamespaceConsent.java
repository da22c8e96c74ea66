package io.trustedlaunch.cli.plugin;

import io.trustedlaunch.cli.plugin.terminal.Prompt;
import io.trustedlaunch.recovery.VmRecovery.Outcome.Recovered;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The namespaces that VMs are recovered into: those that a person names. A VM's folder does not prove its namespace, since anyone
 * who has the recovery certificate and can write to the storage can make one.
 */
final class NamespaceConsent {
    private final Set<String> agreed;
    private final Optional<Prompt> prompt;

    /** @param prompt asks for each other namespace; empty if there is no terminal to answer on */
    NamespaceConsent(Collection<String> named, Optional<Prompt> prompt) {
        this.agreed = new HashSet<>(named);
        this.prompt = prompt;
    }

    /** The VMs whose namespaces are agreed to. */
    List<Recovered> of(List<Recovered> vms) {
        new TreeSet<>(vms.stream().map(NamespaceConsent::namespace).toList()).forEach(namespace -> ask(namespace, vms));
        return vms.stream().filter(vm -> agreed.contains(namespace(vm))).toList();
    }

    private void ask(String namespace, List<Recovered> vms) {
        if (agreed.contains(namespace) || prompt.isEmpty()) {
            return;
        }
        String names = vms.stream()
                .filter(vm -> namespace(vm).equals(namespace))
                .map(vm -> vm.vm().getMetadata().getName())
                .collect(Collectors.joining(", "));
        String question = "Were these VMs in namespace " + namespace + ": " + names + "? (yes or no)";
        if (prompt.get().ask(question).equals("yes")) {
            agreed.add(namespace);
        }
    }

    static String namespace(Recovered vm) {
        return vm.vm().getMetadata().getNamespace();
    }
}
