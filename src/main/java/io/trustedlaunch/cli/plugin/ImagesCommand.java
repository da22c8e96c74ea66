package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.cli.plugin.report.ImageList;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/** Prints the images that VMs can be created from. */
@Command(name = "images", description = "List the images that can be used for a trusted launch VM in the namespace.")
final class ImagesCommand extends ClusterCommand {
    @Option(
            names = {"-a", "--all"},
            description = "List all images, each with the reason why it can or cannot be used.")
    private boolean all;

    @Override
    int run(KubernetesClient client) {
        ImageList images = new Offers(client, cluster.namespace(client)).images();
        out().text(all ? images.wholeTable() : images.usableTable());
        return ExitCode.OK;
    }
}
