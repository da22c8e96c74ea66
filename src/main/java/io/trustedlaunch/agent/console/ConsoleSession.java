package io.trustedlaunch.agent.console;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.VMConsole;
import io.trustedlaunch.api.VMConsoleStatus;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.UUID;

/**
 * A client that the console server admits, and the guest whose console it gets.
 *
 * @param name namespace and name of the VMConsole, for logs
 * @param id UID of the VMConsole
 * @param clientKey fingerprint of the only key that is admitted
 * @param epoch the guest's incarnation
 */
@RecordBuilder
record ConsoleSession(String name, String id, String clientKey, UUID vm, long epoch, Instant expiresAt) {

    /** Empty if the operator's status names another node, or is incomplete. */
    static Optional<ConsoleSession> of(VMConsole console, String nodeName) {
        VMConsoleStatus status = console.getStatus();
        if (status == null || !nodeName.equals(status.nodeName()) || console.isMarkedForDeletion()) {
            return Optional.empty();
        }
        try {
            return Optional.of(ConsoleSessionBuilder.builder()
                    .name(console.getMetadata().getNamespace() + "/"
                            + console.getMetadata().getName())
                    .id(console.getMetadata().getUid())
                    .clientKey(console.getSpec().clientKeySHA256())
                    .vm(UUID.fromString(status.vmUID()))
                    .epoch(status.epoch())
                    .expiresAt(Instant.parse(status.expirationTime()))
                    .build());
        } catch (IllegalArgumentException | NullPointerException | DateTimeParseException e) {
            return Optional.empty();
        }
    }

    boolean isExpiredAt(Instant time) {
        return !time.isBefore(expiresAt);
    }
}
