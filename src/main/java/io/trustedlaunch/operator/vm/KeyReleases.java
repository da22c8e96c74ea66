package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.restore.RestoreRun;
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
import java.util.function.Supplier;

/** Puts each write that gives a node a VM's key on record, once the API server has it. */
final class KeyReleases {
    private final ApiReader reader;
    private final ResourceWriter writer;
    private final AuditLog audit;

    KeyReleases(ApiReader reader, ResourceWriter writer, AuditLog audit) {
        this.reader = reader;
        this.writer = writer;
        this.audit = audit;
    }

    /**
     * @param incarnation that the envelope is written to
     * @param key the identifier of the node's key
     * @param envelope is different each time that one is sealed, so it shows whose write the API server has
     */
    VMIncarnation to(
            VMIncarnation incarnation,
            Optional<String> key,
            String envelope,
            TrustedLaunchVM vm,
            Supplier<VMIncarnation> write) {
        AuditEntryBuilder entry = AuditEntry.success(Act.KeyReleased, AuditedObject.of(vm))
                .vm(Optional.of(vm.identity()))
                .node(Optional.of(incarnation.getSpec().nodeName()))
                .epoch(Optional.of(incarnation.getSpec().epoch()))
                .publicKey(key);
        try {
            VMIncarnation written = write.get();
            recordIfIn(Optional.of(written), envelope, vm, entry);
            return written;
        } catch (StaleViewException e) {
            // The client may have repeated a request whose answer was lost, and that conflicts with the first.
            recordIfIn(stored(incarnation), envelope, vm, entry);
            throw e;
        } catch (KubernetesClientException e) {
            if (!isRefused(e)) {
                audit.record(entry.outcome(Outcome.Unknown).build());
            }
            throw e;
        }
    }

    /**
     * The same for the keys of a VM's backups, which a RestoreRun has from the beginning; for a copy, of the VM that is copied.
     */
    RestoreRun toRestore(RestoreRun run, Optional<String> key, TrustedLaunchVM vm, Supplier<RestoreRun> write) {
        AuditEntryBuilder entry = AuditEntry.success(Act.BackupKeysReleased, AuditedObject.of(vm))
                .vm(Optional.of(
                        run.getSpec().copyOf() == null
                                ? vm.identity()
                                : run.getSpec().copyOf().uid()))
                .node(Optional.of(run.getSpec().nodeName()))
                .publicKey(key);
        try {
            RestoreRun written = write.get();
            if (written.getSpec().envelope().equals(run.getSpec().envelope())) {
                audit.record(entry.build());
            }
            return written;
        } catch (KubernetesClientException e) {
            if (!isRefused(e)) {
                audit.record(entry.outcome(Outcome.Unknown).build());
            }
            throw e;
        }
    }

    private void recordIfIn(
            Optional<VMIncarnation> incarnation, String envelope, TrustedLaunchVM vm, AuditEntryBuilder entry) {
        if (incarnation.filter(is -> envelope.equals(is.getSpec().envelope())).isEmpty()) {
            return;
        }
        AuditEntry released = entry.build();
        audit.record(released);
        writer.event(
                vm,
                EventDraft.normal(
                        Reason.KeyReleased,
                        "the VM's key was sealed to node " + released.node().orElseThrow() + " for epoch "
                                + released.epoch().orElseThrow()));
    }

    private Optional<VMIncarnation> stored(VMIncarnation incarnation) {
        return reader.incarnation(
                incarnation.getMetadata().getNamespace(),
                incarnation.getMetadata().getName());
    }

    private static boolean isRefused(KubernetesClientException e) {
        return e.getCode() >= HttpURLConnection.HTTP_BAD_REQUEST && e.getCode() < HttpURLConnection.HTTP_INTERNAL_ERROR;
    }
}
