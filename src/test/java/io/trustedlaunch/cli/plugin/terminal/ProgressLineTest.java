package io.trustedlaunch.cli.plugin.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.cli.plugin.report.Progress;
import io.trustedlaunch.cli.plugin.report.Progress.State;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private final StringWriter text = new StringWriter();
    private final TextOutput out = new TextOutput(new PrintWriter(text));

    @Test
    void aPipeGetsALineForEachChange() {
        ProgressLine progress = new ProgressLine(out, false);
        progress.show(at(10, "one"));
        progress.show(at(20, "one"));
        progress.show(at(30, "two"));
        progress.end(at(100, "two"));

        assertThat(text.toString().lines()).containsExactly("one", "two");
    }

    @Test
    void aTerminalGetsOneLineThatIsOverwritten() {
        ProgressLine progress = new ProgressLine(out, true);
        progress.show(at(50, "half"));
        progress.end(at(100, "done"));

        assertThat(text)
                .hasToString("\r\u001b[K[" + "=".repeat(15) + " ".repeat(15) + "] half" + "\r\u001b[Kdone"
                        + System.lineSeparator());
    }

    @Test
    void aBarStaysWithinItsEnds() {
        ProgressLine progress = new ProgressLine(out, true);
        progress.show(at(140, "more than all"));
        progress.show(at(-3, "less than none"));

        assertThat(text.toString()).contains("[" + "=".repeat(30) + "]").contains("[" + " ".repeat(30) + "]");
    }

    private static Progress at(int percent, String line) {
        return new Progress(line, OptionalInt.of(percent), State.Ongoing);
    }
}
