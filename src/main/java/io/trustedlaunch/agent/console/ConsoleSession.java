package io.trustedlaunch.agent.console;

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
record ConsoleSession(String name, String id, String clientKey, UUID vm, long epoch, Instant expiresAt) {

    /** Empty: the operator has not said that the console is here, or what it said is no session. */
    static Optional<ConsoleSession> of(VMConsole console, String nodeName) {
        VMConsoleStatus status = console.getStatus();
        if (status == null || !nodeName.equals(status.nodeName()) || console.isMarkedForDeletion()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ConsoleSession(
                    console.getMetadata().getNamespace() + "/"
                            + console.getMetadata().getName(),
                    console.getMetadata().getUid(),
                    console.getSpec().clientKeySHA256(),
                    UUID.fromString(status.vmUID()),
                    status.epoch(),
                    Instant.parse(status.expiresAt())));
        } catch (IllegalArgumentException | NullPointerException | DateTimeParseException e) {
            return Optional.empty();
        }
    }

    boolean isOverAt(Instant time) {
        return !time.isBefore(expiresAt);
    }
}
