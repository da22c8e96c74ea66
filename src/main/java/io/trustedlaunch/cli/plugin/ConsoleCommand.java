package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMConsole;
import io.trustedlaunch.api.VMConsoleSpec;
import io.trustedlaunch.cli.plugin.console.ConsoleSession;
import io.trustedlaunch.custody.SessionKey;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a VMConsole for a key of its own, and goes where that says. */
@Command(
        name = "console",
        description = {
            "The serial console of a VM, also while it moves and when it starts again. Control and ] together leave.",
            "Whoever opens it takes it over from whoever has it. In a pipe it ends with its input."
        },
        mixinStandardHelpOptions = true)
public final class ConsoleCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "VM")
    private String name;

    @Override
    public Integer call() throws InterruptedException {
        SessionKey key = SessionKey.generate(InstantSource.system(), new SecureRandom());
        try (KubernetesClient client = cluster.client()) {
            String namespace = cluster.namespace(client);
            TrustedLaunchVM vm =
                    ClusterOptions.require(cluster.vm(client, name), "TrustedLaunchVM " + namespace + "/" + name);
            Resource<VMConsole> console = client.resource(PluginWriter.create(client, console(vm, key.fingerprint())));
            Thread atTheEnd = new Thread(() -> PluginWriter.delete(console));
            Runtime.getRuntime().addShutdownHook(atTheEnd);
            try {
                return new ConsoleSession(console, key, spec.commandLine().getErr()).run();
            } finally {
                Runtime.getRuntime().removeShutdownHook(atTheEnd);
                PluginWriter.delete(console);
            }
        }
    }

    private static VMConsole console(TrustedLaunchVM vm, String fingerprint) {
        VMConsole console = new VMConsole();
        console.setMetadata(new ObjectMetaBuilder()
                .withNamespace(vm.getMetadata().getNamespace())
                .withGenerateName(vm.getMetadata().getName() + "-")
                // Where this process dies, it goes with its VM, or with its time.
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(vm.getApiVersion())
                        .withKind(vm.getKind())
                        .withName(vm.getMetadata().getName())
                        .withUid(vm.getMetadata().getUid())
                        .build())
                .build());
        console.setSpec(new VMConsoleSpec(new ObjectRef(vm.getMetadata().getName()), fingerprint));
        return console;
    }
}
