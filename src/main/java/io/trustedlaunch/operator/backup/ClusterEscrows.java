package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.recovery.BackedUpVm;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Seals VMs' keys for the cluster's backup key. */
public final class ClusterEscrows implements RunEscrows {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterEscrows.class);

    private final VmKeys vmKeys;
    private final Supplier<ClusterBackupKeys> keys;
    private final SecureRandom random;

    /**
     * @param namespace the operator's own
     * @param keys throws IllegalStateException if they cannot be used
     */
    public ClusterEscrows(String namespace, ApiReader reader, Supplier<ClusterBackupKeys> keys, SecureRandom random) {
        this.vmKeys = new VmKeys(namespace, reader);
        this.keys = keys;
        this.random = random;
    }

    @Override
    public Optional<String> of(TrustedLaunchVM vm, Optional<Machine> machine) {
        try {
            return keys.get()
                    .sealing()
                    .flatMap(certificate -> vmKeys.of(vm)
                            .map(key -> BackedUpVm.escrow(vm, machine, key).seal(certificate, random)))
                    .map(Base64.getEncoder()::encodeToString)
                    .filter(escrow -> isShort(vm, escrow));
        } catch (IllegalStateException e) {
            LOG.error("A backup of VM {} is made without an escrow: {}", vm.identity(), e.getMessage());
            return Optional.empty();
        }
    }

    private static boolean isShort(TrustedLaunchVM vm, String escrow) {
        if (escrow.length() > VMBackupStatus.MAX_ESCROW) {
            LOG.error("A backup of VM {} is made without an escrow: the VM's spec is too large", vm.identity());
            return false;
        }
        return true;
    }
}
