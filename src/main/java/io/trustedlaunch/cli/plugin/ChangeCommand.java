package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.change.VmChange;
import java.net.HttpURLConnection;
import java.util.Objects;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Parameters;

/** Changes disks or cards in a VM's spec. If somebody else changes the VM meanwhile, it is read again. */
abstract class ChangeCommand extends ClusterCommand {
    /** The status of a VM whose TPM is busy changes several times a second. */
    private static final int ATTEMPTS = 20;

    @Parameters(index = "0", paramLabel = "VM", description = "Name of the VM.")
    private String name;

    /** @throws CommandException if the VM, as it is now, cannot be changed so */
    abstract VmChange change(KubernetesClient client, TrustedLaunchVM vm);

    /** Asked once, of a change that is possible. */
    boolean isConfirmed(VmChange change, TrustedLaunchVM vm) {
        return true;
    }

    @Override
    final int run(KubernetesClient client) {
        TrustedLaunchVM vm = cluster.getVm(client, name);
        VmChange change = possible(client, vm);
        if (!isConfirmed(change, vm)) {
            out().line("nothing was changed");
            return ExitCode.SOFTWARE;
        }
        warnOfTools(vm, change.fields());
        for (int attempt = 1; !isApplied(client, vm, change, attempt == ATTEMPTS); attempt++) {
            TrustedLaunchVM now = cluster.getVm(client, name);
            if (!Objects.equals(now.getMetadata().getUid(), vm.getMetadata().getUid())) {
                throw new CommandException(reference(vm)
                        + " was deleted and created again meanwhile: look at it, and repeat" + " the command");
            }
            vm = now;
            change = possible(client, vm);
        }
        out().line(reference(vm) + ": " + change.report(vm));
        return ExitCode.OK;
    }

    private VmChange possible(KubernetesClient client, TrustedLaunchVM vm) {
        if (vm.getMetadata().getDeletionTimestamp() != null) {
            throw new CommandException(reference(vm) + " is being deleted, and is not changed any more");
        }
        return change(client, vm);
    }

    /** @return false if there is a newer version of the VM, or none */
    private static boolean isApplied(KubernetesClient client, TrustedLaunchVM vm, VmChange change, boolean last) {
        try {
            return PluginWriter.apply(client, vm, change.operations());
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || last) {
                throw e;
            }
            return false;
        }
    }
}
