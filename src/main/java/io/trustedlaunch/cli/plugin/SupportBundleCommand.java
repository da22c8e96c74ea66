package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.FileErrors;
import io.trustedlaunch.cli.plugin.bundle.SupportBundle;
import io.trustedlaunch.cli.plugin.bundle.SupportBundle.Collected;
import io.trustedlaunch.cli.plugin.download.PartFile;
import io.trustedlaunch.process.ProductVersion;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kubectl tlvm support-bundle}: one archive for somebody who helps. */
@Command(
        name = "support-bundle",
        description = {
            "Write an archive (ZIP) with what somebody who helps needs: the objects of trustedlaunch.io, the nodes, the operator's"
                    + " workloads, events, logs and versions.",
            "No Secret is read, and sealed keys, credentials and foreign annotations are left out. The names and addresses of VMs,"
                    + " nodes and users are in it: look at it before you send it.",
            "What you may not read is named in missing.txt. With -n, VMs and events of that namespace only, besides the operator's."
        })
final class SupportBundleCommand extends ClusterCommand {
    @Mixin
    private OperatorNamespace operatorNamespace;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "support-bundle.zip",
            description = "The file to write. Default: ${DEFAULT-VALUE}.")
    private Path file;

    @Option(names = "--force", description = "Replace FILE if it exists.")
    private boolean replace;

    @Option(
            names = "--log-lines",
            paramLabel = "LINES",
            defaultValue = "20000",
            description = "Lines of each container's log, the last ones. Default: ${DEFAULT-VALUE}.")
    private int logLines;

    @Override
    int run(KubernetesClient client) {
        try (PartFile to = PartFile.create(file, replace)) {
            Collected collected = new SupportBundle(
                            client,
                            operatorNamespace.toString(),
                            cluster.chosenNamespace(),
                            logLines,
                            "plugin: " + ProductVersion.running() + "\n")
                    .into(to);
            collected.missing().forEach(missing -> err().line("missing: " + missing));
            out().line(
                            file + " written: " + collected.entries() + " files, "
                                    + collected.missing().size()
                                    + " things missing. Look at it before you send it: it has names, addresses and log lines, and no Secret");
            return ExitCode.OK;
        } catch (IOException e) {
            throw new CommandException(FileErrors.message("write", file, e));
        }
    }
}
