package io.trustedlaunch.agent.console;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.VMConsole;
import io.trustedlaunch.api.VMConsoleStatus;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.UUID;

/**
 * Whom the door lets in, and to which guest.
 *
 * @param name for people: namespace and name of the VMConsole
 * @param id UID of the VMConsole
 * @param clientKey fingerprint of the one key that is let in
 * @param epoch the life of the guest
 */
@RecordBuilder
record ConsoleSession(String name, String id, String clientKey, UUID vm, long epoch, Instant expiresAt) {

    /** Empty: the operator has not said that the console is here, or what it said is no session. */
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

    boolean isOverAt(Instant time) {
        return !time.isBefore(expiresAt);
    }
}
