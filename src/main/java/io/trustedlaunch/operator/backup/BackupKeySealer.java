package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.seal.KeyReleases;
import io.trustedlaunch.operator.seal.NoRecipientException;
import io.trustedlaunch.operator.seal.SealedEnvelope;
import io.trustedlaunch.operator.seal.SealingCertificates;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Seals the keys of a VM's backups to the node of a run that saves a VM which is off. It gets what a restore's node gets, and
 * not the VM's own key.
 */
public final class BackupKeySealer {
    private final VmKeys keys;
    private final ApiReader reader;
    private final SealingCertificates certificates;
    private final KeyReleases releases;
    private final SecureRandom random;

    /** @param namespace the operator's own, where the keys are */
    public BackupKeySealer(
            String namespace,
            ApiReader reader,
            SealingCertificates certificates,
            KeyReleases releases,
            SecureRandom random) {
        this.keys = new VmKeys(namespace, reader);
        this.reader = reader;
        this.certificates = certificates;
        this.releases = releases;
        this.random = random;
    }

    /** @param vm whose keys they are */
    Result<SealedEnvelope> seal(BackupRun run, TrustedLaunchVM vm) {
        Optional<ProtectionKey> key = keys.of(vm);
        if (key.isEmpty()) {
            return refused("the VM's key, Secret " + ProtectionKeySecret.nameFor(vm.identity()) + " in namespace "
                    + keys.namespace() + ", is missing or damaged");
        }
        String node = run.getSpec().nodeName();
        try {
            return new Result.Value<>(SealedEnvelope.ofBackupKeys(
                    key.get(),
                    // The URLs of a bucket are in the run's other envelope.
                    new byte[0],
                    new RestoreEnvelope.Address(run.getMetadata().getName(), UUID.fromString(vm.identity()), node),
                    certificates.recipient(node, reader.clusterNode(node).flatMap(ClusterNode::status)),
                    random));
        } catch (NoRecipientException e) {
            return refused(e.getMessage());
        }
    }

    private static Result<SealedEnvelope> refused(String message) {
        return new Result.Refused<>(new Problem(Reason.BackupPending, message + "; the backup then begins by itself"));
    }

    /** Creates the run that has the keys, and puts on record that its node has them. */
    BackupRun release(SealedEnvelope envelope, TrustedLaunchVM vm, Supplier<BackupRun> create) {
        return releases.backupKeys(
                envelope, vm, vm.identity(), created -> created.getSpec().keys(), create);
    }
}
