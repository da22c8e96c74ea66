package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.api.vm.VMConsoleSpec;
import io.trustedlaunch.cli.plugin.console.ConsoleSession;
import io.trustedlaunch.custody.SessionKey;
import java.security.SecureRandom;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Creates a VMConsole with the fingerprint of a new session key, and connects to the agent that its status names. */
@Command(
        name = "console",
        description = {
            "Connect to the serial console of a VM. The session follows the VM when it migrates or restarts."
                    + " Press Ctrl+] to disconnect.",
            "A new session takes the console over from an open one. If standard input is a pipe, the session ends with it."
        })
final class ConsoleCommand extends ClusterCommand {
    @Parameters(paramLabel = "VM", description = "Name of the VM.")
    private String name;

    @Override
    int run(KubernetesClient client) throws InterruptedException {
        SessionKey key = SessionKey.generate(InstantSource.system(), new SecureRandom());
        TrustedLaunchVM vm = cluster.getVm(client, name);
        VMConsole created = PluginWriter.create(client, console(vm, key.fingerprint(), PluginWriter.userName(client)));
        Resource<VMConsole> console = client.resource(created);
        try (AtEnd deletion = new AtEnd(() -> PluginWriter.delete(console))) {
            return new ConsoleSession(console, created.getMetadata().getUid(), key, err()).run();
        }
    }

    private static VMConsole console(TrustedLaunchVM vm, String fingerprint, String user) {
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
        console.setSpec(new VMConsoleSpec(new ObjectRef(vm.getMetadata().getName()), fingerprint, user));
        return console;
    }
}
