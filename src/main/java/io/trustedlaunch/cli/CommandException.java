package io.trustedlaunch.cli;

/** An error that the user can correct: its message is printed alone, without a stack trace. */
public class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CommandException(String message) {
        super(message);
    }
}
