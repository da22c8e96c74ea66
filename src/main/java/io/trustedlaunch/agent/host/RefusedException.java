package io.trustedlaunch.agent.host;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import java.util.Optional;

/** Why a VM cannot start on this node. The message is for the VM's user: the fact and the next step. */
public sealed class RefusedException extends RuntimeException permits WrongImageException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    public RefusedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public RefusedException(Problem problem) {
        this(problem.reason(), problem.message());
    }

    public RefusedException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public static void throwIfPresent(Optional<Problem> problem) {
        problem.ifPresent(found -> {
            throw new RefusedException(found);
        });
    }

    public Reason reason() {
        return reason;
    }
}
