package io.trustedlaunch.agent.console;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.VMConsole;
import io.trustedlaunch.api.VMConsoleStatus;
import io.trustedlaunch.audit.Act;
import io.trustedlaunch.audit.AuditEntry;
import io.trustedlaunch.audit.AuditedObject;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.UUID;

/**
 * A client that the console server admits, and the guest whose console it gets.
 *
 * @param console the VMConsole
 * @param requestedBy name of the user who created it
 * @param clientKey fingerprint of the only key that is admitted
 * @param epoch the guest's incarnation
 */
@RecordBuilder
record ConsoleSession(
        AuditedObject console,
        String requestedBy,
        String clientKey,
        UUID vm,
        String node,
        long epoch,
        Instant expiresAt) {

    /** Empty if the operator's status names another node, or is incomplete. */
    static Optional<ConsoleSession> of(VMConsole console, String nodeName) {
        VMConsoleStatus status = console.getStatus();
        if (status == null || !nodeName.equals(status.nodeName()) || console.isMarkedForDeletion()) {
            return Optional.empty();
        }
        try {
            return Optional.of(ConsoleSessionBuilder.builder()
                    .console(AuditedObject.of(console))
                    .requestedBy(console.getSpec().requestedBy())
                    .clientKey(console.getSpec().clientKeySHA256())
                    .vm(UUID.fromString(status.vmUID()))
                    .node(nodeName)
                    .epoch(status.epoch())
                    .expiresAt(Instant.parse(status.expirationTime()))
                    .build());
        } catch (IllegalArgumentException | NullPointerException | DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** Namespace and name of the VMConsole, for logs. */
    String name() {
        return console.namespace().orElseThrow() + "/" + console.name();
    }

    /** UID of the VMConsole. */
    String id() {
        return console.uid();
    }

    AuditEntry audited(Act act) {
        return AuditEntry.success(act, console)
                .vm(Optional.of(vm.toString()))
                .node(Optional.of(node))
                .epoch(Optional.of(epoch))
                .requestedBy(Optional.ofNullable(requestedBy))
                .publicKey(Optional.of(clientKey))
                .build();
    }

    boolean isExpiredAt(Instant time) {
        return !time.isBefore(expiresAt);
    }
}
