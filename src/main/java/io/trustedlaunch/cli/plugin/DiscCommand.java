package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.cli.plugin.change.DiscChanges;
import io.trustedlaunch.cli.plugin.change.VmChange;
import io.trustedlaunch.cli.plugin.report.DiscList;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands for the discs of a VM. */
@Command(
        name = "disc",
        description = "Insert, eject and list the discs (CD, DVD) of a VM.",
        mixinStandardHelpOptions = true,
        subcommands = {DiscCommand.Insert.class, DiscCommand.Eject.class, DiscCommand.ListAll.class})
final class DiscCommand {
    private DiscCommand() {}

    /** {@code kubectl tlvm disc insert}. */
    @Command(
            name = "insert",
            description =
                    "Insert a disc into a drive of a VM. A guest that runs sees it at once; a drive that the VM does not"
                            + " have yet comes with its next start.")
    static final class Insert extends ChangeCommand {
        @Parameters(index = "1", paramLabel = "NAME", description = "Name of the drive.")
        private String drive;

        @Option(
                names = "--image",
                paramLabel = "IMAGE",
                required = true,
                description = "Name of a GuestImage of form Disc. To list those that can be used: kubectl tlvm images.")
        private String image;

        @Override
        VmChange change(KubernetesClient client, TrustedLaunchVM vm) {
            VmChange change = new DiscChanges(vm).insert(drive, image);
            new Offers(client, vm.getMetadata().getNamespace()).images().requireUsable(image, GuestImageForm.Disc);
            return change;
        }
    }

    /** {@code kubectl tlvm disc eject}. */
    @Command(
            name = "eject",
            description =
                    "Eject the disc of a drive, which stays in the VM. A guest that has mounted the disc keeps it until it"
                            + " has unmounted it.")
    static final class Eject extends ChangeCommand {
        @Parameters(index = "1", paramLabel = "NAME", description = "Name of the drive.")
        private String drive;

        @Override
        VmChange change(KubernetesClient client, TrustedLaunchVM vm) {
            return new DiscChanges(vm).eject(drive);
        }
    }

    /** {@code kubectl tlvm disc list}. */
    @Command(name = "list", description = "List the drives of a VM and their discs.")
    static final class ListAll extends ClusterCommand {
        @Parameters(paramLabel = "VM", description = "Name of the VM.")
        private String name;

        @Override
        int run(KubernetesClient client) {
            out().text(DiscList.table(cluster.getVm(client, name)));
            return ExitCode.OK;
        }
    }
}
