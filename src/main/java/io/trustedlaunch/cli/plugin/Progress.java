package io.trustedlaunch.cli.plugin;

import java.io.PrintWriter;

/** Shows how far something is: one line that is drawn over on a terminal, and a line for each change in a pipe. */
final class Progress {
    private static final int BAR = 30;

    private final PrintWriter out;
    private final boolean terminal;
    private String shown = "";

    Progress(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Java 21 cannot tell a terminal from a pipe; the launcher can. */
    static Progress onStandardOutput(PrintWriter out) {
        return new Progress(out, Boolean.getBoolean("trustedlaunch.terminal"));
    }

    void show(String line) {
        if (line.equals(shown)) {
            return;
        }
        if (terminal) {
            out.print("\r\u001b[K" + line);
            out.flush();
        } else {
            out.println(line);
        }
        shown = line;
    }

    /** @param percent of 100; drawn only on a terminal */
    void show(String line, int percent) {
        show(terminal ? bar(percent) + " " + line : line);
    }

    void end(String line) {
        show(line);
        if (terminal) {
            out.println();
        }
        out.flush();
    }

    private static String bar(int percent) {
        int full = Math.clamp((long) percent * BAR / 100, 0, BAR);
        return "[" + "=".repeat(full) + " ".repeat(BAR - full) + "]";
    }
}
