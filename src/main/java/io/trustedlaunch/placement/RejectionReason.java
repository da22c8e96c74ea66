package io.trustedlaunch.placement;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * Why a node cannot take a VM.
 *
 * @param message with the details of this node
 * @param summary the same for all nodes that are rejected for this reason
 */
record RejectionReason(String message, String summary) {
    static RejectionReason of(String message) {
        return new RejectionReason(message, message);
    }

    static Optional<RejectionReason> when(boolean rejected, String message) {
        return rejected ? Optional.of(of(message)) : Optional.empty();
    }

    static Optional<RejectionReason> when(boolean rejected, String summary, Supplier<String> message) {
        return rejected ? Optional.of(new RejectionReason(message.get(), summary)) : Optional.empty();
    }
}
