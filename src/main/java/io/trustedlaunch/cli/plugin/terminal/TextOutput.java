package io.trustedlaunch.cli.plugin.terminal;

import io.trustedlaunch.api.Messages;
import io.trustedlaunch.cli.plugin.report.Text;
import java.io.PrintWriter;
import java.util.Arrays;
import picocli.CommandLine;

/** All that the plugin prints, but for what a guest sends to a console: control characters are shown, not carried out. */
public final class TextOutput {
    private final PrintWriter out;

    TextOutput(PrintWriter out) {
        this.out = out;
    }

    public static TextOutput standardOutput(CommandLine command) {
        return new TextOutput(command.getOut());
    }

    /** For what is not said by a command. */
    static TextOutput standardError() {
        return new TextOutput(new PrintWriter(System.err, true, System.err.charset()));
    }

    public static TextOutput standardError(CommandLine command) {
        return new TextOutput(command.getErr());
    }

    public void line(String line) {
        out.println(Messages.printable(line));
        out.flush();
    }

    public void text(Text text) {
        text.lines().forEach(this::line);
    }

    /** Further lines are indented, so that none looks like one of the plugin's own. */
    public void paragraph(String paragraph) {
        String[] lines = paragraph.split("\\R");
        line(lines[0]);
        Arrays.stream(lines).skip(1).forEach(further -> line("  " + further.replace("\t", "  ")));
    }

    /** The cursor stays behind it. */
    public void prompt(String question) {
        out.print(Messages.printable(question));
        out.flush();
    }

    /** Replaces the line that the cursor is in. */
    void overwrite(String line) {
        out.print("\r\u001b[K" + Messages.printable(line));
        out.flush();
    }

    void endLine() {
        out.println();
        out.flush();
    }

    /** Prints a line of its own on a raw terminal, which needs the carriage return. */
    public void notice(String message) {
        out.print("\r\n[" + Messages.printable(message) + "]\r\n");
        out.flush();
    }

    /** A document as it is, for a file or another program: what encodes it escapes control characters. */
    public void document(String document) {
        out.print(document);
        out.flush();
    }
}
