package io.trustedlaunch.cli.plugin.terminal;

/** The standard streams. Java 21 cannot test whether one is a terminal, so {@code bin/kubectl-tlvm} sets a property. */
public enum StandardStream {
    stdin,
    stdout,
    stderr;

    public boolean isTerminal() {
        return Boolean.getBoolean("trustedlaunch.terminal." + name());
    }

    /** Whether a user can see a prompt and answer it. Prompts go to stderr, as stdout may be a file. */
    public static boolean canPrompt() {
        return stdin.isTerminal() && stderr.isTerminal();
    }
}
