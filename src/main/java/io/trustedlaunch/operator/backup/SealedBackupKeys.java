package io.trustedlaunch.operator.backup;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpecBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.audit.Act;
import io.trustedlaunch.audit.AuditEntry;
import io.trustedlaunch.audit.AuditEntryBuilder;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.audit.AuditedObject;
import io.trustedlaunch.audit.Outcome;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.custody.VerifiedCertificate;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.seal.SealingCertificates;
import java.net.HttpURLConnection;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** Reads the VM's key when it is needed: the operator's other half may have replaced its Secret. */
public final class SealedBackupKeys implements BackupKeySeals {
    private final String namespace;
    private final ApiReader reader;
    private final SealingCertificates certificates;
    private final AuditLog audit;
    private final SecureRandom random;

    /** @param namespace the operator's own, where the keys are */
    public SealedBackupKeys(
            String namespace, ApiReader reader, SealingCertificates certificates, AuditLog audit, SecureRandom random) {
        this.namespace = namespace;
        this.reader = reader;
        this.certificates = certificates;
        this.audit = audit;
        this.random = random;
    }

    @Override
    public Answer seal(BackupRun run, TrustedLaunchVM owner) {
        UUID vm = UUID.fromString(run.getSpec().vmRef().uid());
        String node = run.getSpec().nodeName();
        Optional<ProtectionKey> key = reader.secret(namespace, ProtectionKeySecret.nameFor(vm.toString()))
                .filter(secret -> ProtectionKeySecret.isOf(secret, owner))
                .map(KeyFacts::of)
                .flatMap(KeyFacts::held);
        if (key.isEmpty()) {
            return refused("the VM's key, Secret " + ProtectionKeySecret.nameFor(vm.toString()) + " in namespace "
                    + namespace + ", is missing or damaged");
        }
        Optional<ClusterNodeStatus> status = reader.clusterNode(node).flatMap(ClusterNode::status);
        Optional<VerifiedCertificate> recipient = certificates.recipient(node, status);
        if (recipient.isEmpty()) {
            return refused(certificates.refusal(node, status));
        }
        try (BackupKeys keys = BackupKeys.of(key.get(), vm)) {
            byte[] sealed = RestoreEnvelope.seal(
                    // The URLs of a bucket are in the run's other envelope.
                    new RestoreEnvelope.Content(keys, new byte[0]),
                    new RestoreEnvelope.Address(run.getMetadata().getName(), vm, node),
                    recipient.get(),
                    random);
            BackupRun with = new BackupRun();
            with.setMetadata(run.getMetadata());
            with.setSpec(BackupRunSpecBuilder.builder(run.getSpec())
                    .keys(Base64.getEncoder().encodeToString(sealed))
                    .build());
            return new Sealed(with, recipient.get().keyIdentifier());
        }
    }

    private static Refused refused(String message) {
        return new Refused(new Problem(Reason.BackupPending, message + "; the backup then begins by itself"));
    }

    @Override
    public BackupRun release(Sealed sealed, TrustedLaunchVM vm, Supplier<BackupRun> create) {
        AuditEntryBuilder entry = AuditEntry.success(Act.BackupKeysReleased, AuditedObject.of(vm))
                .vm(Optional.of(vm.identity()))
                .node(Optional.of(sealed.run().getSpec().nodeName()))
                .publicKey(Optional.of(sealed.sealingKey()));
        try {
            BackupRun created = create.get();
            if (sealed.run().getSpec().keys().equals(created.getSpec().keys())) {
                audit.record(entry.build());
            }
            return created;
        } catch (StaleViewException e) {
            // The client may have repeated a request whose answer was lost, and the run of the first one is gone again.
            audit.record(entry.outcome(Outcome.Unknown).build());
            throw e;
        } catch (KubernetesClientException e) {
            if (e.getCode() < HttpURLConnection.HTTP_BAD_REQUEST
                    || e.getCode() >= HttpURLConnection.HTTP_INTERNAL_ERROR) {
                audit.record(entry.outcome(Outcome.Unknown).build());
            }
            throw e;
        }
    }
}
