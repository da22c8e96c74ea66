package io.trustedlaunch.audit;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Optional;

/**
 * One act that was carried out. There is no component for free content, so that no secret gets into the log.
 *
 * @param vm the VM's identity, which is the same in all its lines
 * @param requestedBy name of the user who asked for it, as the API server checked it
 * @param approvedBy name of the user who approved it, as the API server checked it
 * @param publicKey fingerprint of the public key that got access: a node's, or that of the client of a console or a download
 * @param consoleKind serial console or screen
 * @param bytes of a disk that were sent
 * @param reason of the condition that it follows from, or why it was broken off
 */
@RecordBuilder
public record AuditEntry(
        Act act,
        Outcome outcome,
        AuditedObject object,
        Optional<String> vm,
        Optional<String> node,
        Optional<Long> epoch,
        Optional<String> requestedBy,
        Optional<String> approvedBy,
        Optional<String> publicKey,
        Optional<String> consoleKind,
        Optional<Long> bytes,
        Optional<String> reason) {

    public static AuditEntryBuilder success(Act act, AuditedObject object) {
        return AuditEntryBuilder.builder().act(act).outcome(Outcome.Success).object(object);
    }
}
