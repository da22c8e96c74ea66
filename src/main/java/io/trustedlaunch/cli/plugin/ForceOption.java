package io.trustedlaunch.cli.plugin;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import java.util.Map;
import picocli.CommandLine.Option;

/** Ends the present guest of a VM without its grace period; later guests are not affected. */
final class ForceOption {
    @Option(
            names = "--force",
            description = "Cut the power of the guest at once, also of one that is already shutting down. The guest"
                    + " loses what it has not written to its disks.")
    private boolean force;

    /** The annotations to set; none without {@code --force}, or if the VM never ran. */
    Map<String, String> annotations(TrustedLaunchVM vm) {
        return vm.status()
                .map(TrustedLaunchVMStatus::epoch)
                .filter(epoch -> force)
                .map(epoch -> Map.of(Api.FORCE_STOP, epoch.toString()))
                .orElse(Map.of());
    }
}
