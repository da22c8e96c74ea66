package io.trustedlaunch.cli.plugin.terminal;

import java.io.PrintWriter;

/** Shows how far something is: one line that is drawn over on a terminal, and a line for each change in a pipe. */
public final class ProgressLine {
    private static final int BAR = 30;

    private final PrintWriter out;
    private final boolean terminal;
    private String shown = "";

    ProgressLine(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Java 21 cannot tell a terminal from a pipe; the launcher can. */
    public static ProgressLine onStandardOutput(PrintWriter out) {
        return new ProgressLine(out, Boolean.getBoolean("trustedlaunch.terminal"));
    }

    public void show(String line) {
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
    public void show(String line, int percent) {
        show(terminal ? bar(percent) + " " + line : line);
    }

    public void end(String line) {
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
