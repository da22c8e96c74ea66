package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.GuestImage;
import io.trustedlaunch.cli.plugin.report.ImageList;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What VMs can be made from. */
@Command(
        name = "images",
        description = "List the images that can be used for a trusted launch VM now.",
        mixinStandardHelpOptions = true)
public final class ImagesCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Option(
            names = {"-a", "--all"},
            description = "The others, too, each with the rule that refused it.")
    private boolean all;

    @Override
    public void run() {
        try (KubernetesClient client = cluster.client()) {
            ImageList images =
                    new ImageList(client.resources(GuestImage.class).list().getItems());
            spec.commandLine().getOut().print(all ? images.wholeTable() : images.usableTable());
            spec.commandLine().getOut().flush();
        }
    }
}
