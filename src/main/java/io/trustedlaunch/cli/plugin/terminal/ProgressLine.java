package io.trustedlaunch.cli.plugin.terminal;

import io.trustedlaunch.cli.plugin.report.Progress;

/** Shows progress: on a terminal in one line that is overwritten, in a pipe with a line for each change. */
public final class ProgressLine {
    private static final int BAR_WIDTH = 30;

    private final TextOutput out;
    private final boolean terminal;
    private String shown = "";

    ProgressLine(TextOutput out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    public static ProgressLine onStandardOutput(TextOutput out) {
        return new ProgressLine(out, StandardStream.stdout.isTerminal());
    }

    /** For a command whose standard output is a document. */
    public static ProgressLine onStandardError(TextOutput err) {
        return new ProgressLine(err, StandardStream.stderr.isTerminal());
    }

    public void show(Progress progress) {
        if (terminal && progress.percent().isPresent()) {
            show(bar(progress.percent().getAsInt()) + " " + progress.line());
        } else {
            show(progress.line());
        }
    }

    private void show(String line) {
        if (line.equals(shown)) {
            return;
        }
        if (terminal) {
            out.overwrite(line);
        } else {
            out.line(line);
        }
        shown = line;
    }

    /** Shows the last state, without a bar. */
    public void end(Progress progress) {
        show(progress.line());
        if (terminal) {
            out.endLine();
        }
    }

    private static String bar(int percent) {
        int full = Math.clamp((long) percent * BAR_WIDTH / 100, 0, BAR_WIDTH);
        return "[" + "=".repeat(full) + " ".repeat(BAR_WIDTH - full) + "]";
    }
}
