package io.trustedlaunch.operator.seal;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.backup.VMBackupDownloadStatus;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.audit.Act;
import io.trustedlaunch.audit.AuditEntry;
import io.trustedlaunch.audit.AuditEntryBuilder;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.audit.AuditedObject;
import io.trustedlaunch.audit.Outcome;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.operator.kube.ApiReader;
import java.net.HttpURLConnection;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Puts each write that gives a node keys on record, once the API server has it. */
public final class KeyReleases {
    private final ApiReader reader;
    private final ResourceWriter writer;
    private final AuditLog audit;

    public KeyReleases(ApiReader reader, ResourceWriter writer, AuditLog audit) {
        this.reader = reader;
        this.writer = writer;
        this.audit = audit;
    }

    /**
     * A VM's own key; an event of the VM says it, too.
     *
     * @param incarnation that the envelope is written to
     */
    public VMIncarnation vmKey(
            SealedEnvelope sealed, VMIncarnation incarnation, TrustedLaunchVM vm, Supplier<VMIncarnation> write) {
        ObjectMeta name = incarnation.getMetadata();
        long epoch = incarnation.getSpec().epoch();
        AuditEntryBuilder entry = entry(Act.KeyReleased, sealed, AuditedObject.of(vm), vm.identity())
                .epoch(Optional.of(epoch));
        return release(
                entry,
                found -> sealed.base64().equals(found.getSpec().envelope()),
                () -> reader.incarnation(name.getNamespace(), name.getName()),
                write,
                () -> writer.event(
                        vm,
                        EventDraft.normal(
                                Reason.KeyReleased,
                                "the VM's key was sealed to node " + sealed.node() + " for epoch " + epoch)));
    }

    /**
     * The keys of a VM's backups, which a run has from the beginning.
     *
     * @param vm for which the run is
     * @param identity of the VM that the backups are of: for a copy, of the VM that is copied
     * @param envelope of a run
     */
    public <R> R backupKeys(
            SealedEnvelope sealed,
            TrustedLaunchVM vm,
            String identity,
            Function<R, String> envelope,
            Supplier<R> create) {
        return release(
                entry(Act.BackupKeysReleased, sealed, AuditedObject.of(vm), identity),
                found -> sealed.base64().equals(envelope.apply(found)),
                Optional::empty,
                create,
                () -> {});
    }

    /** The same for one that has had an envelope before. Its agent writes its status all the time. */
    public DiskFill backupKeys(
            SealedEnvelope sealed, TrustedLaunchVM vm, String identity, DiskFill run, Supplier<DiskFill> write) {
        ObjectMeta name = run.getMetadata();
        return release(
                entry(Act.BackupKeysReleased, sealed, AuditedObject.of(vm), identity),
                found -> sealed.base64().equals(found.getSpec().envelope()),
                () -> reader.diskFill(name.getNamespace(), name.getName()),
                write,
                () -> {});
    }

    /**
     * The keys of a VM's backups, for a session in which one of their disks is read.
     *
     * @param identity of the VM that the backup is of
     * @param write returns the session's status as it was written
     */
    public void downloadKeys(
            SealedEnvelope sealed, VMBackupDownload download, String identity, Supplier<VMBackupDownloadStatus> write) {
        release(
                entry(Act.BackupKeysReleased, sealed, AuditedObject.of(download), identity)
                        .requestedBy(Optional.of(download.getSpec().requestedBy())),
                found -> sealed.base64().equals(found.envelope()),
                Optional::empty,
                write,
                () -> {});
    }

    private static AuditEntryBuilder entry(Act act, SealedEnvelope sealed, AuditedObject object, String identity) {
        return AuditEntry.success(act, object)
                .vm(Optional.of(identity))
                .node(Optional.of(sealed.node()))
                .publicKey(Optional.of(sealed.key()));
    }

    /**
     * @param stored the object as the API server has it
     * @param event that follows a release
     */
    private <R> R release(
            AuditEntryBuilder entry,
            Predicate<R> hasEnvelope,
            Supplier<Optional<R>> stored,
            Supplier<R> write,
            Runnable event) {
        try {
            R written = write.get();
            recordIf(hasEnvelope.test(written), entry, event);
            return written;
        } catch (StaleViewException e) {
            // The client may have repeated a request whose answer was lost, and that conflicts with the first.
            Optional<R> found = stored.get();
            if (found.isPresent()) {
                recordIf(hasEnvelope.test(found.get()), entry, event);
            } else {
                audit.record(entry.outcome(Outcome.Unknown).build());
            }
            throw e;
        } catch (KubernetesClientException e) {
            if (!isRefused(e)) {
                audit.record(entry.outcome(Outcome.Unknown).build());
            }
            throw e;
        }
    }

    private void recordIf(boolean released, AuditEntryBuilder entry, Runnable event) {
        if (released) {
            audit.record(entry.build());
            event.run();
        }
    }

    private static boolean isRefused(KubernetesClientException e) {
        return e.getCode() >= HttpURLConnection.HTTP_BAD_REQUEST && e.getCode() < HttpURLConnection.HTTP_INTERNAL_ERROR;
    }
}
