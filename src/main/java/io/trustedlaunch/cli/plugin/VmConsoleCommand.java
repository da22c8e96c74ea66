package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.api.vm.VMConsoleSpec;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.console.RequestedConsole;
import io.trustedlaunch.custody.SessionKey;
import java.security.SecureRandom;
import java.time.InstantSource;
import picocli.CommandLine.Parameters;

/** Creates a VMConsole with the fingerprint of a new session key, and deletes it at the end. */
abstract class VmConsoleCommand extends ClusterCommand {
    @Parameters(index = "0", paramLabel = "VM", description = "Name of the VM.")
    private String name;

    private final ConsoleKind kind;

    VmConsoleCommand(ConsoleKind kind) {
        this.kind = kind;
    }

    /** @return the exit code */
    abstract int run(RequestedConsole console) throws InterruptedException;

    String vm() {
        return name;
    }

    @Override
    final int run(KubernetesClient client) throws InterruptedException {
        SessionKey key = SessionKey.generate(InstantSource.system(), new SecureRandom());
        TrustedLaunchVM vm = cluster.getVm(client, name);
        VMConsole created = PluginWriter.create(client, console(vm, key.fingerprint(), PluginWriter.userName(client)));
        Resource<VMConsole> console = client.resource(created);
        try (AtEnd deletion = new AtEnd(() -> PluginWriter.delete(console))) {
            if (created.getSpec().kind() != kind) {
                throw new CommandException(
                        "this cluster's definition of VMConsole has no spec.kind, so it has no console of kind " + kind
                                + ": upgrade the CustomResourceDefinitions");
            }
            return run(new RequestedConsole(console, created.getMetadata().getUid(), key));
        }
    }

    private VMConsole console(TrustedLaunchVM vm, String fingerprint, String user) {
        VMConsole console = new VMConsole();
        console.setMetadata(new ObjectMetaBuilder()
                .withNamespace(vm.getMetadata().getNamespace())
                .withGenerateName(vm.getMetadata().getName() + "-")
                // If this process is killed, the VMConsole is removed with its VM or when it expires.
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(vm.getApiVersion())
                        .withKind(vm.getKind())
                        .withName(vm.getMetadata().getName())
                        .withUid(vm.getMetadata().getUid())
                        .build())
                .build());
        console.setSpec(new VMConsoleSpec(new ObjectRef(vm.getMetadata().getName()), kind, fingerprint, user));
        return console;
    }
}
